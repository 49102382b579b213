"""When jobs run by themselves: by cron expressions in Berlin time, on without anybody switching them on."""

from typing import Any

import dagster as dg

ZONE = "Europe/Berlin"


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
        execution_timezone=ZONE,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=description,
    )
