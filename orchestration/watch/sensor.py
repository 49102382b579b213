"""The sensor that asks sevDesk whether anything changed and starts `hourly` if so.

What to ask is the tap's knowledge (tap_sevdesk.watch). Here is only when to ask: never beside a run, less
often after an error. It alerts nobody: the hourly run fails of the same error and does.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import dagster as dg
from tap_sevdesk.watch import Look, WatchError, look

from orchestration.names import JOBS
from orchestration.watch.settings import Watch

NAME = "watch"
LONGEST_PAUSE = 3600.0  # seconds, after many errors
UNFINISHED = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]

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

    @classmethod
    def of(cls, cursor: str | None) -> "Memory":
        """Return what `cursor` says; the beginning if it cannot be read."""
        try:
            return cls(**json.loads(cursor or "{}"))
        except (ValueError, TypeError):
            return cls()

    def cursor(self) -> str:
        """Return it as text."""
        return json.dumps(asdict(self))


@dataclass(frozen=True)
class Outcome:
    """What a tick came to: what to remember, whether to start a run, and why, in words for the UI."""

    memory: Memory
    start: bool
    why: str


def tick(memory: Memory, watch: Watch, now: float, *, busy: bool, ask: Ask = look) -> Outcome:
    """Ask sevDesk if it is time to; decide whether to start a run. `busy`: a run is waiting or at work."""
    if busy:
        return Outcome(memory, False, "A run is waiting or at work.")
    # what lies in the future comes of a clock that has been put right since
    if now < memory.pause_until <= now + LONGEST_PAUSE:
        return Outcome(memory, False, "sevDesk did not answer lately; asking again later.")
    try:
        found = ask(watch.config, memory.seen)
    except WatchError as error:
        errors = memory.errors + 1
        pause = min(watch.seconds * 2.0**errors, LONGEST_PAUSE)
        return Outcome(replace(memory, errors=errors, pause_until=now + pause), False, str(error))
    memory = replace(memory, seen=found.cursor, news=memory.news or found.changed, errors=0, pause_until=0.0)
    if not memory.news:
        return Outcome(memory, False, "Nothing has changed in sevDesk.")
    if 0 <= now - memory.started < watch.min_minutes * 60:
        return Outcome(memory, False, "Something has changed; a run was started a moment ago.")
    return Outcome(replace(memory, news=False, started=now), True, "Something has changed in sevDesk.")


def sensor(job: Any, watch: Watch) -> dg.SensorDefinition:  # noqa: ANN401
    """Return the sensor that starts `job` when something changed, on by itself."""

    def evaluate(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        unfinished = context.instance.get_runs(dg.RunsFilter(statuses=UNFINISHED))
        busy = any(run.job_name in JOBS for run in unfinished)
        outcome = tick(Memory.of(context.cursor), watch, time.time(), busy=busy)
        context.update_cursor(outcome.memory.cursor())
        if not outcome.start:
            return dg.SkipReason(outcome.why)
        return dg.RunRequest(run_key=f"{NAME}-{outcome.memory.started:.0f}")

    return dg.SensorDefinition(
        name=NAME,
        evaluation_fn=evaluate,
        job=job,
        minimum_interval_seconds=watch.seconds,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Asks sevDesk with a handful of requests whether anything changed; starts a run if so.",
    )
