"""What stops us on this machine: a full disk, a folder of somebody else, a damaged history of Dagster's.

`python -m orchestration.this_machine` says so in a sentence before a program of Dagster's starts, which would
print a traceback.
"""

import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryFile

from orchestration.environment import dagster_home

A_PAGE = 65_536  # bytes; less may fit into what is left of a full disk's last block
OF_DATABASES = {"sqlalchemy", "sqlite3", "alembic"}


def problem(home: Path) -> str | None:
    """Return why Dagster cannot work in its folder `home`, and what to do; None if nothing is known."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=home) as probe:
            probe.write(bytes(A_PAGE))
    except OSError as error:
        return explain(error)
    return _damaged(home)


def explain(error: Exception) -> str | None:
    """Return what to do about a file or folder, or Dagster's own database of past runs; None if neither."""
    if isinstance(error, OSError):
        where = error.filename or dagster_home()
        return f"{where}: {error.strerror}. Check its folder, its disk and permissions, and run again."
    if type(error).__module__.partition(".")[0] not in OF_DATABASES:
        return None
    reason = str(getattr(error, "orig", None) or error).splitlines()[0]
    return _damaged(dagster_home()) or _advice(dagster_home(), "history", reason)


def unreadable(database: Path) -> str | None:
    """Return why SQLite cannot use the file `database`; None if it can, or there is none."""
    if not database.exists():
        return None
    try:
        with closing(sqlite3.connect(database)) as opened:
            opened.execute("select count(*) from sqlite_master")
    except sqlite3.Error as error:
        return str(error)
    return None


def _damaged(home: Path) -> str | None:
    """Return which of Dagster's databases in `home` cannot be used, and what to do."""
    for path in (*home.glob("*/*.db"), home / "history" / "runs" / "index.db"):
        if reason := unreadable(path):
            return _advice(home, path.relative_to(home).parts[0], reason)
    return None


def _advice(home: Path, folder: str, reason: str) -> str:
    """Return what is lost with `folder`: of past runs, or of what schedules and sensors last did."""
    return (
        f"Dagster's history of runs in {home} cannot be used ({reason}). If its disk is full, make "
        f"room; else move the folder `{folder}` away: only the list of past runs is lost, no figures."
    )


if __name__ == "__main__":
    found = problem(dagster_home())
    sys.exit(f"Error: {found}" if found else 0)
