"""A code location with the real schedule, alerts, webhook and pool; its run does as it is told by files."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from orchestration import failure, jobs, lost_runs, settings
from orchestration.alerts import sensor as alerts
from orchestration.alerts.runs import AS_OF
from orchestration.webhook import sensor as webhook_events

STAGE = Path(os.environ["STAGE"])
DIARY, CUE = STAGE / "diary", STAGE / "cue"

alerts.INTERVAL_SECONDS = webhook_events.INTERVAL_SECONDS = lost_runs.INTERVAL_SECONDS = 1
SETTINGS = settings.read(os.environ, [])


@dg.asset(name="report", pool="warehouse")
def report(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    """Wait for the cue, which is `well` or `fail`, and do so; write down begin and end."""
    context.instance.add_run_tags(context.run.run_id, lost_runs.this_process())
    write(f"begin {context.run.run_id}")
    starter = os.getppid()
    while not CUE.exists():
        if os.getppid() != starter:
            raise dg.Failure("Nobody is there any more to give the cue.")
        time.sleep(0.05)
    cue = CUE.read_text()
    CUE.unlink()
    write(f"end {context.run.run_id}")
    if cue == "fail":
        raise dg.Failure("refused", metadata={failure.PUBLIC: "sevDesk refused."}, allow_retries=False)
    return dg.MaterializeResult(metadata={AS_OF: dg.MetadataValue.timestamp(datetime.now(UTC))})


def write(line: str) -> None:
    """Add a line to the diary."""
    with DIARY.open("a") as diary:
        print(line, file=diary, flush=True)


@dg.op
def pass_by() -> None:
    """Need no pool."""
    write("passed by")


@dg.job(executor_def=dg.in_process_executor)
def passer_by() -> None:
    """Overtake the run that waits: the queue has looked at that one and left it."""
    pass_by()


HOURLY = dg.define_asset_job(
    "hourly", dg.AssetSelection.assets("report"), executor_def=dg.in_process_executor
)


@dg.sensor(job=passer_by, minimum_interval_seconds=1, default_status=dg.DefaultSensorStatus.RUNNING)
def overtaking(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Send the passer-by as soon as a run waits."""
    waiting = dg.RunsFilter(job_name="hourly", statuses=[dg.DagsterRunStatus.QUEUED])
    return dg.RunRequest("once") if context.instance.get_runs(waiting) else dg.SkipReason("No run waits.")


defs = dg.Definitions(
    assets=[report],
    jobs=[HOURLY, passer_by],
    schedules=[jobs.schedule(HOURLY, SETTINGS.hourly, "Once an hour.")],
    sensors=[*alerts.sensors(SETTINGS), webhook_events.sensor(HOURLY), lost_runs.sensor(), overtaking],
)
