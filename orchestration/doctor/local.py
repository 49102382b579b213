"""What the doctor looks at on this machine: programs, folders, disk, the DuckDB file, `.env`."""

import os
import re
import shutil
import tempfile
from importlib.metadata import version
from pathlib import Path

import duckdb

from orchestration import this_machine
from orchestration.doctor.row import BAD, GOOD, OFF, Given, Row
from orchestration.environment import ROOT, WAREHOUSE, dagster_home
from orchestration.meltano.run import bookmarks_are_damaged

DISK_BYTES = 1_000_000_000
PACKAGES = ("meltano", "dbt-core", "dagster", "tap-sevdesk")


def programs(_: Given) -> Row:
    """Which versions run here; `make doctor` installs what is missing first."""
    return Row(GOOD, ", ".join(f"{package} {version(package)}" for package in PACKAGES))


def warehouse(_: Given) -> Row:
    """Whether the DuckDB file can be read, and its folder be written."""
    path = Path(os.environ.get("WAREHOUSE_PATH") or WAREHOUSE)
    if not path.exists():
        return _writable(path.parent, f"the first run makes {path}")
    try:
        duckdb.connect(str(path), read_only=True).close()
    except duckdb.Error as error:
        if holder := re.search(r"\(PID (\d+)\)", str(error)):
            return Row(BAD, f"{path} is open in process {holder[1]}. Close it there, or wait.")
        return Row(BAD, f"{path} is no DuckDB file. `make reset`, then `make nightly` makes a new one.")
    return _writable(path.parent, str(path))


def bookmarks(given: Given) -> Row:
    """Where Meltano keeps how far it has read."""
    in_snowflake = given.environment.warehouse == "snowflake"
    store = os.environ.get("MELTANO_STATE_BACKEND_URI", "").partition(":")[0]
    if store == "snowflake":
        if in_snowflake:
            return Row(GOOD, "in Snowflake, beside the data")
        return Row(BAD, "MELTANO_STATE_BACKEND_URI is snowflake:// beside DuckDB. Leave it out.")
    if store not in {"", "systemdb"}:
        return Row(GOOD, f"where MELTANO_STATE_BACKEND_URI says, {store}://")
    if damaged := bookmarks_are_damaged(ROOT):
        return Row(BAD, damaged)
    more = "; MELTANO_STATE_BACKEND_URI=snowflake:// would outlast this machine" if in_snowflake else ""
    return _writable(ROOT / ".meltano", f"on this machine, in .meltano/{more}")


def home(_: Given) -> Row:
    """Whether Dagster can keep its history, under the rules of our dagster.yaml."""
    folder = dagster_home()
    if not (folder / "dagster.yaml").exists():
        return Row(
            BAD, f"{folder} has no dagster.yaml. Copy the one of .dagster/, or leave DAGSTER_HOME out."
        )
    problem = this_machine.problem(folder)
    return Row(BAD, problem) if problem else Row(GOOD, str(folder))


def disk(_: Given) -> Row:
    """Whether there is room for logs, history and a local warehouse."""
    free = shutil.disk_usage(ROOT).free
    room = f"{free / 1e9:.1f} GB free."
    if free > DISK_BYTES:
        return Row(GOOD, room)
    return Row(BAD, f"{room} Make room, or give the project a larger disk.")


def env_file(_: Given) -> Row:
    """Whether the secrets in `.env` are for its owner only."""
    path = ROOT / ".env"
    if not path.exists():
        return Row(OFF, "There is none; everything comes from the environment.")
    if path.stat().st_mode & 0o077:
        return Row(BAD, "Other users of this machine can read its secrets. Run `chmod 600 .env`.")
    return Row(GOOD, "Only its owner can read it.")


def _writable(folder: Path, text: str) -> Row:
    there = next(each for each in (folder, *folder.parents) if each.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            return Row(GOOD, text)
    except OSError as error:
        return Row(BAD, f"{there} cannot be written ({error.strerror}). Fix its owner or mode.")
