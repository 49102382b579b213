"""Webhook calls in Dagster's event log: written down as they come, any number of them made into one run.

They are written into Dagster's storage itself, not through its web server: a call that came while server and
daemon were being restarted is there when they are back.
"""

import time
from typing import Any

import dagster as dg

from orchestration.names import JOBS

KEY = dg.AssetKey(["sevdesk", "webhook"])
SPEC = dg.AssetSpec(
    KEY,
    description="Calls of the webhook: somebody says that something changed in sevDesk.",
    group_name="sevdesk",
    kinds={"webhook"},
)
INTERVAL_SECONDS = 15
ALIVE_SECONDS = 300.0
# Runs that have not begun to read: they will see every change before the call.
WAITING = [dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.STARTING]


def record() -> bool:
    """Write down that a call came; return whether the daemon's part that looks at sensors was alive lately.

    Raises whatever the storage raises when it cannot be written; the call counts as not received then.
    """
    with dg.DagsterInstance.get() as instance:
        instance.report_runless_asset_event(dg.AssetObservation(KEY))
        beat = instance.get_daemon_heartbeats().get("SENSOR")
        return beat is not None and time.time() - beat.timestamp < ALIVE_SECONDS


def sensor(job: Any) -> dg.SensorDefinition:  # noqa: ANN401
    """Return the sensor that starts `job` once for all calls since it last looked.

    A call that comes while a run reads starts another, as that run may be past what changed; one that comes
    while a run is waiting to begin does not.
    """

    def tick(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        calls = context.instance.fetch_observations(KEY, limit=1).records
        call = str(calls[0].storage_id) if calls else None
        # one before the known call is new, too: a history that was damaged has begun anew
        if call is None or call == context.cursor:
            return dg.SkipReason("Nobody has called.")
        context.update_cursor(call)
        waiting = dg.RunsFilter(statuses=WAITING)
        if any(run.job_name in JOBS for run in context.instance.get_runs(waiting)):
            return dg.SkipReason("A run that has not begun yet will see what the call is about.")
        return dg.RunRequest(run_key=f"webhook-{call}")

    return dg.SensorDefinition(
        name="webhook",
        evaluation_fn=tick,
        job=job,
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Makes any number of calls of the webhook into one hourly run.",
    )
