"""Check the whole configuration: `python -m orchestration.doctor [--send]`, which is `make doctor`.

A line for each part: good, off when it is not configured, or bad and what to do; exit code 1 if any is bad.
It changes nothing, and sends no message unless `--send` asks for one to Slack and one by mail.
"""

import os
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from orchestration import settings
from orchestration.doctor import channels, local, sevdesk, snowflake
from orchestration.doctor.row import BAD, GOOD, Given, Row
from orchestration.environment import Environment, SettingsError, read_environment


def warehouse(given: Given) -> Row | Iterable[Row]:
    """Whether the warehouse can be written and read."""
    in_snowflake = given.environment.warehouse == "snowflake"
    return snowflake.warehouse(given) if in_snowflake else local.warehouse(given)


# By the name of its part; one whose settings are unusable is not made.
CHECKS: dict[str, Callable[[Given], Row | Iterable[Row]]] = {
    "programs": local.programs,
    "sevDesk": sevdesk.token,
    "warehouse": warehouse,
    "bookmarks": local.bookmarks,
    "Slack": channels.slack,
    "mail": channels.mail,
    "webhook": channels.webhook,
    "Dagster home": local.home,
    "disk": local.disk,
    ".env": local.env_file,
}
# Which part a complaint of settings.py is about, by how the setting's name begins.
PARTS = {
    "SLACK_": "Slack",
    "ALERT_": "mail",
    "SMTP_": "mail",
    "WEBHOOK_": "webhook",
    "SNOWFLAKE_": "warehouse",
    "SEVDESK_": "sevDesk",
}


def main(arguments: list[str]) -> int:
    """Print all lines; return the exit code."""
    try:
        environment = read_environment()
    except SettingsError as error:
        print(Row(BAD, str(error), "environment"))
        return 1
    rows = list(examine(environment, send="--send" in arguments))
    print("\n".join(map(str, rows)))
    bad = sum(row.state == BAD for row in rows)
    print(f"\n{bad} of {len(rows)} need attention." if bad else "\nAll is well.")
    return 1 if bad else 0


def examine(environment: Environment, *, send: bool) -> Iterable[Row]:
    """Yield the line of every part, looked at all at once; `send`: one message to each channel."""
    problems = settings.missing(environment, os.environ)
    given = Given(environment, settings.read(os.environ, problems), send)
    complaints = [Row(BAD, problem, _part(problem)) for problem in problems]
    unusable = {row.what for row in complaints}
    yield Row(GOOD, f"{environment.name}: sevDesk → {environment.warehouse}", "environment")
    yield from complaints
    with ThreadPoolExecutor(len(CHECKS)) as pool:
        checks = (what for what in CHECKS if what not in unusable)
        for rows in pool.map(lambda what: _rows(what, given), checks):
            yield from rows


def _rows(what: str, given: Given) -> list[Row]:
    try:
        found = CHECKS[what](given)
        rows = [found] if isinstance(found, Row) else list(found)
    except Exception as error:
        rows = [
            Row(BAD, f"It could not be checked ({type(error).__name__}); this is a defect of the doctor.")
        ]
    return [replace(row, what=row.what or what) for row in rows]


def _part(problem: str) -> str:
    return next((part for prefix, part in PARTS.items() if prefix in problem), "settings")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
