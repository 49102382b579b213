"""The DuckDB file for people, `output/warehouse.duckdb`: a copy of the pipeline's own, replaced in one step.

DuckDB lets one program write a file, or many read it. So people do not open the file that runs write, and no
run fails as somebody has the copy open: that program keeps what it opened until it opens the file again.
"""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from orchestration.environment import PUBLISHED, WAREHOUSE, Environment
from orchestration.errors import PublicError

NOT_COPIED = "The page is up to date, but the copy of the warehouse for people could not be written."


def take_over(environment: Environment) -> None:
    """Take the file of an earlier version, which wrote the one that people open, as the pipeline's own."""
    if environment.loader != "target-duckdb" or WAREHOUSE.exists() or not PUBLISHED.exists():
        return
    WAREHOUSE.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileNotFoundError):  # first what a killed writer left: it is lost without its file's name
        _log_of(PUBLISHED).rename(_log_of(WAREHOUSE))
    with suppress(FileNotFoundError):  # another run was faster
        PUBLISHED.rename(WAREHOUSE)


def is_missing(environment: Environment) -> bool:
    """Whether `environment` has a file for people, and it is not there."""
    return environment.loader == "target-duckdb" and not PUBLISHED.exists()


def publish(environment: Environment) -> None:
    """Put a copy of the pipeline's file in place; nobody of this process may have it open.

    Raises PublicError.
    """
    if environment.loader != "target-duckdb":
        return
    import duckdb  # noqa: PLC0415 - slow to import

    fresh = WAREHOUSE.with_name(f"{os.getpid()}.copy")
    try:
        with duckdb.connect(str(WAREHOUSE)) as file:  # no other program writes while it is open
            for left in WAREHOUSE.parent.glob("*.copy"):  # of a run that was killed here
                left.unlink(missing_ok=True)
            file.execute("checkpoint")  # all of it is in the file then, nothing in a log beside it
            shutil.copyfile(WAREHOUSE, fresh)
            with fresh.open("rb") as written:
                os.fsync(written.fileno())  # before it takes the name: a power cut leaves a whole file
            _log_of(PUBLISHED).unlink(missing_ok=True)  # of somebody who wrote into the old copy
            fresh.replace(PUBLISHED)
    except (duckdb.Error, OSError) as error:
        reason = getattr(error, "strerror", None) or str(error).partition("\n")[0]
        raise PublicError(f"{PUBLISHED} could not be replaced: {reason}", NOT_COPIED) from error
    finally:
        fresh.unlink(missing_ok=True)


def _log_of(file: Path) -> Path:
    """Return DuckDB's write-ahead log of `file`."""
    return file.with_name(f"{file.name}.wal")
