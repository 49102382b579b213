"""The jobs and when they run by themselves: by cron expressions in Berlin time, on without a switch."""

from datetime import timedelta
from typing import Any

import dagster as dg

from orchestration.retention import prune, prune_calls
from orchestration.run import Config
from orchestration.settings import Settings


@dg.op
def forget_old_runs(context: dg.OpExecutionContext) -> None:
    """Delete runs and webhook calls of more than a month ago from Dagster's history."""
    prune_calls(context.instance)
    context.log.info("%d runs forgotten", prune(context.instance))


@dg.job(executor_def=dg.in_process_executor, description="Keep Dagster's own history small.")
def housekeeping() -> None:
    """Forget old runs."""
    forget_old_runs()


def _job(name: str, description: str, config: Config, limit: timedelta) -> Any:  # noqa: ANN401
    return dg.define_asset_job(
        name,
        selection=dg.AssetSelection.all(),
        description=description,
        executor_def=dg.in_process_executor,
        config=dg.RunConfig(ops={"pipeline": config}, loggers={"console": {}}),
        tags={"dagster/max_runtime": str(int(limit.total_seconds()))},
    )


HOURLY = _job(
    "hourly",
    "Read what changed; build and test, if anything has; report.",
    Config(always=False),
    timedelta(minutes=55),
)
# A full read of many years may take longer than an hour; hourly runs wait for it.
NIGHTLY = _job(
    "nightly",
    "Read everything, which repairs and finds what was deleted; build, test, report.",
    Config(full=True, minutes=300),
    timedelta(hours=6),
)


def schedules(settings: Settings) -> list[dg.ScheduleDefinition]:
    """Return when the jobs run, as set."""
    return [
        schedule(HOURLY, settings.hourly, "What changed, every hour unless HOURLY_CRON says otherwise."),
        schedule(NIGHTLY, settings.nightly, "Everything, every night unless NIGHTLY_CRON says otherwise."),
        schedule(housekeeping, "45 3 * * *", "Forgets runs and calls of more than a month ago."),
    ]


def schedule(job: Any, cron: str, description: str) -> dg.ScheduleDefinition:  # noqa: ANN401
    """Return a schedule that starts `job`, unless a run of it is waiting already.

    When clocks change an hourly one keeps to real hours, and one for a time of night comes once.
    """

    def tick(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        waiting = dg.RunsFilter(job_name=job.name, statuses=[dg.DagsterRunStatus.QUEUED])
        if context.instance.get_runs(waiting, limit=1):
            return dg.SkipReason("A run of this job is waiting already; it will see all that this one would.")
        return dg.RunRequest()

    return dg.ScheduleDefinition(
        name=f"{job.name}_schedule",
        job=job,
        cron_schedule=cron,
        execution_fn=tick,
        execution_timezone="Europe/Berlin",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=description,
    )
