"""Check the whole configuration: `python -m orchestration.doctor [--send]`, which is `make doctor`.

A line for each part: good, off when nobody configured it, or bad and what to do; exit code 1 if any is bad.
It changes nothing, and sends no message unless `--send` asks for one to Slack and one by mail.
"""

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import duckdb

from orchestration import settings
from orchestration.alerts import channels
from orchestration.doctor import final_invoices
from orchestration.doctor import sevdesk as doctor_sevdesk
from orchestration.doctor import snowflake as doctor_snowflake
from orchestration.doctor.row import BAD, GOOD, OFF, Row
from orchestration.environment import (
    ROOT,
    WAREHOUSE,
    SettingsError,
    World,
    dagster_home,
    program,
    read_world,
)
from orchestration.settings import Settings

DISK_BYTES = 1_000_000_000
PROGRAMS = ("meltano", "dbt-core", "dagster", "tap-sevdesk")
TEST = channels.Message(
    ":wave:", "Invoice dashboard: a test", "`make doctor SEND=1` sent this; alerts come here.", ""
)
# Which line a complaint of settings.py belongs to, by how the setting's name begins.
PARTS = {
    "SLACK_": "Slack",
    "ALERT_": "mail",
    "SMTP_": "mail",
    "WEBHOOK_": "webhook",
    "SNOWFLAKE_": "Snowflake settings",
    "SEVDESK_": "sevDesk",
}


def main(arguments: list[str]) -> int:
    """Print all lines; return the exit code."""
    try:
        world = read_world()
    except SettingsError as error:
        print(Row(BAD, "world", str(error)))
        return 1
    rows = list(examine(world, send="--send" in arguments))
    print("\n".join(map(str, rows)))
    bad = sum(row.state == BAD for row in rows)
    print(f"\n{bad} of {len(rows)} need attention." if bad else "\nAll is well.")
    return 1 if bad else 0


def examine(world: World, *, send: bool) -> Iterable[Row]:
    """Yield the line of every part, looked at all at once; `send`: one message to each channel."""
    problems = settings.missing(world, os.environ)
    configured = settings.read(os.environ, problems)
    complaints = [Row(BAD, _part(problem), problem) for problem in problems]
    unusable = {row.what for row in complaints}
    checks: list[tuple[str, Callable[[], Iterable[Row]]]] = [
        ("programs", programs),
        ("sevDesk", lambda: doctor_sevdesk.token(world)),
        ("clock", lambda: doctor_sevdesk.clock(world)),
        ("warehouse", lambda: warehouse(world, usable="Snowflake settings" not in unusable)),
        ("final invoices", lambda: final_invoices.examine(world)),
        ("bookmarks", lambda: bookmarks(world)),
        ("Slack", lambda: slack(configured, send=send)),
        ("mail", lambda: mail(configured, send=send)),
        ("webhook", lambda: webhook(configured)),
        ("Dagster home", home),
        ("disk", disk),
        (".env", env_file),
    ]
    yield Row(GOOD, "world", f"{world.name}: sevDesk → {world.loader.removeprefix('target-')}")
    yield from complaints
    with ThreadPoolExecutor(len(checks)) as pool:
        running = [(what, pool.submit(list, _guarded(what, check))) for what, check in checks]
        for what, found in running:
            if what not in unusable:
                yield from found.result()


def _guarded(what: str, check: Callable[[], Iterable[Row]]) -> Iterable[Row]:
    try:
        yield from check()
    except Exception as error:
        yield Row(
            BAD, what, f"It could not be checked ({type(error).__name__}); this is a defect of the doctor."
        )


def _part(problem: str) -> str:
    return next((part for prefix, part in PARTS.items() if problem.find(prefix) >= 0), "settings")


def programs() -> Iterable[Row]:
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


def warehouse(world: World, *, usable: bool) -> Iterable[Row]:
    """Whether the warehouse of this world can be written and read."""
    if world.loader == "target-snowflake":
        return doctor_snowflake.examine(os.environ) if usable else []
    return [_duckdb(Path(os.environ.get("WAREHOUSE_PATH") or WAREHOUSE))]


def _duckdb(path: Path) -> Row:
    if not path.exists():
        return _writable("warehouse", path.parent, f"the first run makes {path}")
    try:
        duckdb.connect(str(path), read_only=True).close()
    except duckdb.Error as error:
        holder = re.search(r"\(PID (\d+)\)", str(error))
        if holder:
            return Row(BAD, "warehouse", f"{path} is open in process {holder[1]}. Close it there, or wait.")
        return Row(
            BAD, "warehouse", f"{path} is no DuckDB file. `make reset`, then `make nightly` makes it anew."
        )
    return _writable("warehouse", path.parent, str(path))


def bookmarks(world: World) -> Iterable[Row]:
    """Where Meltano keeps how far it has read."""
    uri = os.environ.get("MELTANO_STATE_BACKEND_URI", "")
    if uri.startswith("snowflake:"):
        if world.loader != "target-snowflake":
            yield Row(
                BAD, "bookmarks", "MELTANO_STATE_BACKEND_URI is snowflake:// beside DuckDB. Leave it out."
            )
        else:
            yield Row(GOOD, "bookmarks", "in Snowflake, beside the data")
        return
    advice = "; MELTANO_STATE_BACKEND_URI=snowflake:// would outlast this machine"
    more = advice if world.loader == "target-snowflake" else ""
    yield _writable("bookmarks", ROOT / ".meltano", f"on this machine, in .meltano/{more}")


def slack(configured: Settings, *, send: bool) -> Iterable[Row]:
    """Whether the address is well-formed; only a message shows more, as a webhook answers to nothing else."""
    if (address := configured.slack) is None:
        yield Row(OFF, "Slack", "no SLACK_WEBHOOK_URL")
    elif not send:
        yield Row(GOOD, "Slack", "the address is well-formed; `make doctor SEND=1` sends a message")
    else:
        yield _sent("Slack", lambda: channels.send_to_slack(address, TEST), "SLACK_WEBHOOK_URL")


def mail(configured: Settings, *, send: bool) -> Iterable[Row]:
    """Whether the server lets us in; a letter goes out only if `send`."""
    if (address := configured.mail) is None:
        yield Row(OFF, "mail", "no ALERT_EMAIL_TO")
    elif send:
        yield _sent("mail", lambda: channels.send_mail(address, TEST), "SMTP_* and ALERT_EMAIL_*")
    else:
        server = f"{address.host}:{address.port}"
        try:
            with channels.signed_in(address) as connection:
                connection.noop()
        except channels.UnsentError as error:
            yield Row(
                BAD, "mail", f"{server}: {error} Check SMTP_HOST, _PORT, _SECURITY, _USER and _PASSWORD."
            )
        else:
            yield Row(GOOD, "mail", f"{server} lets us in; `make doctor SEND=1` sends a letter")


def _sent(what: str, send: Callable[[], None], names: str) -> Row:
    try:
        send()
    except channels.UnsentError as error:
        return Row(BAD, what, f"{error} Check {names}.")
    return Row(GOOD, what, "a message was sent")


def webhook(configured: Settings) -> Iterable[Row]:
    """Whether it is on, and where it would listen."""
    if configured.webhook is None:
        yield Row(OFF, "webhook", "no WEBHOOK_SECRET")
    else:
        yield Row(GOOD, "webhook", f"for {configured.web.host}:{configured.web.port}")


def home() -> Iterable[Row]:
    """Whether Dagster can keep its history, under the rules of our dagster.yaml."""
    folder = dagster_home()
    if not (folder / "dagster.yaml").exists():
        advice = f"{folder} has no dagster.yaml. Copy the one of .dagster/, or leave DAGSTER_HOME out."
        yield Row(BAD, "Dagster home", advice)
    else:
        yield _writable("Dagster home", folder, str(folder))


def disk() -> Iterable[Row]:
    """Whether there is room for logs, history and a local warehouse."""
    free = shutil.disk_usage(ROOT).free
    state, advice = (
        (GOOD, "") if free > DISK_BYTES else (BAD, " Make room, or give the project a larger disk.")
    )
    yield Row(state, "disk", f"{free / 1e9:.1f} GB free.{advice}")


def env_file() -> Iterable[Row]:
    """Whether the secrets in `.env` are for its owner only."""
    path = ROOT / ".env"
    if not path.exists():
        yield Row(OFF, ".env", "There is none; everything comes from the environment.")
    elif path.stat().st_mode & 0o077:
        yield Row(BAD, ".env", "Other users of this machine can read its secrets. Run `chmod 600 .env`.")
    else:
        yield Row(GOOD, ".env", "Only its owner can read it.")


def _writable(what: str, folder: Path, told: str) -> Row:
    there = next(each for each in (folder, *folder.parents) if each.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            return Row(GOOD, what, told)
    except OSError as error:
        return Row(BAD, what, f"{there} cannot be written ({error.strerror}). Mend its owner or permissions.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
