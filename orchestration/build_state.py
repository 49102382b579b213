"""What is loaded and not built yet: a small file beside Dagster's history, which a crash cannot lose.

It is marked `pending` before a read begins, and cleared only after a good build of everything, or when the
read brought nothing and nothing was pending before. So a process that dies between load and build leaves the
mark, and the next run builds. A file that is missing or unreadable means that everything is pending.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sevdesk_report
from pydantic import AwareDatetime, TypeAdapter
from pydantic.dataclasses import dataclass

from orchestration.environment import Environment, dagster_home

BERLIN = ZoneInfo("Europe/Berlin")  # days overdue change at midnight there


@dataclass(frozen=True)
class BuildState:
    """`pending`: rows may be loaded that are not built. `full_read_due`: the warehouse may lack old rows.

    `warehouse` is where the latest good read was loaded to, `code` and `day` are those of the latest good
    build, and `checked_until` is the start of the latest complete read.
    """

    pending: bool = True
    full_read_due: bool = False
    warehouse: str | None = None
    account: str | None = None
    code: str | None = None
    day: str | None = None
    checked_until: AwareDatetime | None = None


STATE = TypeAdapter(BuildState)


def path_of(environment: Environment) -> Path:
    """Return where the state of `environment` is kept."""
    return dagster_home() / f"build_state.{environment.name}.json"


def load(path: Path) -> BuildState:
    """Return what the file says; without a readable one, that everything is pending."""
    try:
        return STATE.validate_json(path.read_bytes())
    except (OSError, ValueError):
        return BuildState()


def save(path: Path, state: BuildState) -> None:
    """Write `state` in one step, down to the disk."""
    sevdesk_report.publish(STATE.dump_json(state), path)


def load_rows(path: Path) -> list[dict[str, Any]]:
    """Return what the page was made from, for a run that has no newer figures for it; else nothing."""
    try:
        found = json.loads(_rows_beside(path).read_text(encoding="utf-8"))
        return found if all(line.keys() == {"part", "content"} for line in found) else []
    except (OSError, ValueError, TypeError, AttributeError):  # another shape is damage, too
        return []


def save_rows(path: Path, rows: list[dict[str, Any]]) -> None:
    """Keep what the page was made from beside the state at `path`."""
    sevdesk_report.publish(json.dumps(rows), _rows_beside(path))


def _rows_beside(path: Path) -> Path:
    return path.with_name(path.name.replace("build_state", "page_rows"))


def must_read_in_full(state: BuildState, present: str | None) -> bool:
    """Whether the warehouse may lack rows that the bookmarks count as read; `present` is there now."""
    known = state.warehouse is not None
    return state.full_read_due or present is None or (known and state.warehouse != present)


def why_build(state: BuildState, news: int, code: str, now: datetime) -> str:
    """Return why to build, for the log; empty if nothing has changed. `now` is an aware instant."""
    if news:
        return f"{news} records are new"
    if state.pending:
        return "the latest build was not whole"
    if state.code != code:
        return "the models are other ones than those built"
    if state.day != day(now):
        return "it is another day in Berlin"
    return ""


def day(instant: datetime) -> str:
    """Return the date in Berlin at `instant`."""
    return instant.astimezone(BERLIN).date().isoformat()
