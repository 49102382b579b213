"""Runs whose process was killed (kill -9, power cut) are marked as failed.

Dagster takes such a run for one at work until its time limit, and no other run may begin meanwhile. So each
run notes which process executes it, and a sensor looks whether that one is alive. Runs and sensors live on
the same machine, that of the code server.
"""

import os
from pathlib import Path

import dagster as dg
from dagster._core.storage.dagster_run import NOT_FINISHED_STATUSES

from orchestration.names import PROCESS

INTERVAL_SECONDS = 30
LOST = "Its process ended without a message: it was killed, or the machine lost power."


def this_process() -> dict[str, str]:
    """Return the tag of a run that this process executes."""
    return {PROCESS: identity(os.getpid())}


def identity(pid: int) -> str:
    """Return number and start of a process, as a later one may have its number; only /proc says the start."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return f"{pid}"
    return f"{pid} {stat.rpartition(')')[2].split()[19]}"


def is_alive(process: str) -> bool:
    """Whether the process noted as `process` is still there."""
    pid = int(process.split(maxsplit=1)[0])
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it is another user's
        pass
    return identity(pid) == process


def mark_as_failed(instance: dg.DagsterInstance) -> int:
    """Mark runs at work whose process is gone as failed; return how many."""
    unfinished = instance.get_runs(dg.RunsFilter(statuses=NOT_FINISHED_STATUSES))
    lost = [run for run in unfinished if (of := _process(instance, run)) and not is_alive(of)]
    for run in lost:
        instance.report_run_failed(run, LOST)
    return len(lost)


def _process(instance: dg.DagsterInstance, run: dg.DagsterRun) -> str | None:
    """Return the process that executes `run`; None if it has noted none.

    Dagster gives a run that repeats another one the tags of that one.
    """
    repeated = instance.get_run_by_id(run.parent_run_id) if run.parent_run_id else None
    noted = run.tags.get(PROCESS)
    return None if repeated and repeated.tags.get(PROCESS) == noted else noted


def sensor() -> dg.SensorDefinition:
    """Return the sensor that looks for such runs, on by itself."""

    def tick(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        lost = mark_as_failed(context.instance)
        return dg.SkipReason(f"{lost} runs marked as failed." if lost else "Every run at work is alive.")

    return dg.SensorDefinition(
        name="lost_runs",
        evaluation_fn=tick,
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Marks runs as failed whose process was killed, so that the next one may begin.",
    )
