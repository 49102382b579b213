"""The sensor that asks sevDesk whether anything changed and starts `hourly` if so.

What to ask is the tap's knowledge (tap_sevdesk.watch). Here is only when to ask: never beside a run, less
often after an error. It alerts nobody: the hourly run fails of the same error and does.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import dagster as dg
from dagster._core.storage.dagster_run import NOT_FINISHED_STATUSES
from pydantic import TypeAdapter, ValidationError
from tap_sevdesk.watch import Look, WatchError, look

from orchestration.names import JOBS
from orchestration.watch.settings import Watch

NAME = "watch"
LONGEST_PAUSE = 3600.0  # seconds, after many errors
MOST_ERRORS = 12  # doubling a second so often is longer than that
START = "Something has changed in sevDesk."

Ask = Callable[[Mapping[str, Any], str | None], Look]


@dataclass(frozen=True)
class Memory:
    """What the sensor keeps between ticks; times are Unix seconds.

    `seen` is the tap's own cursor. `news`: something changed and no run was started for it yet. `started` is
    when the latest run was started, `pause_until` the end of a pause after `errors` errors in a row.
    """

    seen: str | None = None
    news: bool = False
    started: float = 0.0
    errors: int = 0
    pause_until: float = 0.0


CURSOR = TypeAdapter(Memory)


def remembered(cursor: str | None) -> Memory:
    """Return what `cursor` says; the beginning if it cannot be read."""
    try:
        return CURSOR.validate_json(cursor or "{}")
    except ValidationError:
        return Memory()


def tick(memory: Memory, watch: Watch, now: float, *, busy: bool, ask: Ask = look) -> tuple[Memory, str]:
    """Ask sevDesk if it is time to; return what to remember, and what came of it, which may be START.

    `now` is in Unix seconds. `busy`: a run is waiting or at work.
    """
    if busy:
        return memory, "A run is waiting or at work."
    # what lies in the future comes of a clock that has been put right since
    if now < memory.pause_until <= now + LONGEST_PAUSE:
        return memory, "sevDesk did not answer lately; asking again later."
    try:
        found = ask(watch.config, memory.seen)
    except WatchError as error:
        errors = min(memory.errors + 1, MOST_ERRORS)
        pause = min(watch.seconds * 2.0**errors, LONGEST_PAUSE)
        return replace(memory, errors=errors, pause_until=now + pause), str(error)
    memory = replace(memory, seen=found.cursor, news=memory.news or found.changed, errors=0, pause_until=0.0)
    if not memory.news:
        return memory, "Nothing has changed in sevDesk."
    if 0 <= now - memory.started < watch.min_minutes * 60:
        return memory, "Something has changed; a run was started a moment ago."
    return replace(memory, news=False, started=now), START


def sensor(job: Any, watch: Watch) -> dg.SensorDefinition:  # noqa: ANN401
    """Return the sensor that starts `job` when something changed, on by itself."""

    def evaluate(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        unfinished = context.instance.get_runs(dg.RunsFilter(statuses=NOT_FINISHED_STATUSES))
        busy = any(run.job_name in JOBS for run in unfinished)
        memory, outcome = tick(remembered(context.cursor), watch, time.time(), busy=busy)
        context.update_cursor(CURSOR.dump_json(memory).decode())
        return dg.RunRequest(f"{NAME}-{memory.started:.0f}") if outcome == START else dg.SkipReason(outcome)

    return dg.SensorDefinition(
        name=NAME,
        evaluation_fn=evaluate,
        job=job,
        minimum_interval_seconds=watch.seconds,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Asks sevDesk with a handful of requests whether anything changed; starts a run if so.",
    )
