"""What the doctor looks at on this machine: programs, folders, disk, the DuckDB file, `.env`."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import duckdb

from orchestration import this_machine
from orchestration.doctor.row import BAD, GOOD, OFF, Given, Row
from orchestration.environment import ROOT, dagster_home, program
from orchestration.meltano.run import bookmarks_are_damaged

DISK_BYTES = 1_000_000_000
PROGRAMS = ("meltano", "dbt-core", "dagster", "tap-sevdesk")


def programs(_: Given) -> Iterable[Row]:
    """Whether what `make install` installs is there, and in which version."""
    try:
        found = [f"{name} {version(name)}" for name in PROGRAMS]
        lacking = [
            name for name in ("meltano", "dbt", "dagster", "tap-sevdesk") if not program(name).exists()
        ]
    except PackageNotFoundError as error:
        lacking = [str(error.name)]
    if lacking:
        yield Row(BAD, "programs", f"{', '.join(lacking)} missing. Run `make install`.")
    else:
        yield Row(GOOD, "programs", ", ".join(found))


def warehouse(path: Path) -> Row:
    """Whether the DuckDB file at `path` can be read, and its folder be written."""
    if not path.exists():
        return _writable("warehouse", path.parent, f"the first run makes {path}")
    try:
        duckdb.connect(str(path), read_only=True).close()
    except duckdb.Error as error:
        holder = re.search(r"\(PID (\d+)\)", str(error))
        if holder:
            return Row(BAD, "warehouse", f"{path} is open in process {holder[1]}. Close it there, or wait.")
        text = f"{path} is no DuckDB file. `make reset`, then `make nightly` makes a new one."
        return Row(BAD, "warehouse", text)
    return _writable("warehouse", path.parent, str(path))


def bookmarks(given: Given) -> Iterable[Row]:
    """Where Meltano keeps how far it has read."""
    uri = os.environ.get("MELTANO_STATE_BACKEND_URI", "")
    if uri.startswith("snowflake:"):
        if given.environment.loader != "target-snowflake":
            text = "MELTANO_STATE_BACKEND_URI is snowflake:// beside DuckDB. Leave it out."
            yield Row(BAD, "bookmarks", text)
        else:
            yield Row(GOOD, "bookmarks", "in Snowflake, beside the data")
        return
    advice = "; MELTANO_STATE_BACKEND_URI=snowflake:// would outlast this machine"
    if damaged := bookmarks_are_damaged(ROOT):
        yield Row(BAD, "bookmarks", damaged)
        return
    more = advice if given.environment.loader == "target-snowflake" else ""
    yield _writable("bookmarks", ROOT / ".meltano", f"on this machine, in .meltano/{more}")


def home(_: Given) -> Iterable[Row]:
    """Whether Dagster can keep its history, under the rules of our dagster.yaml."""
    folder = dagster_home()
    if not (folder / "dagster.yaml").exists():
        advice = f"{folder} has no dagster.yaml. Copy the one of .dagster/, or leave DAGSTER_HOME out."
        yield Row(BAD, "Dagster home", advice)
    elif damaged := this_machine.problem(folder):
        yield Row(BAD, "Dagster home", damaged)
    else:
        yield _writable("Dagster home", folder, str(folder))


def disk(_: Given) -> Iterable[Row]:
    """Whether there is room for logs, history and a local warehouse."""
    free = shutil.disk_usage(ROOT).free
    state, advice = (
        (GOOD, "") if free > DISK_BYTES else (BAD, " Make room, or give the project a larger disk.")
    )
    yield Row(state, "disk", f"{free / 1e9:.1f} GB free.{advice}")


def env_file(_: Given) -> Iterable[Row]:
    """Whether the secrets in `.env` are for its owner only."""
    path = ROOT / ".env"
    if not path.exists():
        yield Row(OFF, ".env", "There is none; everything comes from the environment.")
    elif path.stat().st_mode & 0o077:
        yield Row(BAD, ".env", "Other users of this machine can read its secrets. Run `chmod 600 .env`.")
    else:
        yield Row(GOOD, ".env", "Only its owner can read it.")


def _writable(what: str, folder: Path, text: str) -> Row:
    there = next(each for each in (folder, *folder.parents) if each.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            return Row(GOOD, what, text)
    except OSError as error:
        return Row(BAD, what, f"{there} cannot be written ({error.strerror}). Fix its owner or mode.")
