"""The Dagster code location. Importing this does nothing; Dagster calls `defs` to load it."""

import dagster as dg
from dagster._core.definitions.definitions_load_context import DefinitionsLoadContext, DefinitionsLoadType

from orchestration import jobs, lost_runs, op, progress
from orchestration.alerts import sensor as alerts
from orchestration.assets import Pipeline
from orchestration.dbt import manifest
from orchestration.dbt.lineage import Lineage
from orchestration.settings import read_all
from orchestration.watch import sensor as watch
from orchestration.webhook import sensor as webhook


@dg.definitions
def defs() -> dg.Definitions:
    """Return all there is, to be seen; in a process that Dagster starts for a run, what that needs."""
    return load(to_run=DefinitionsLoadContext.get().load_type is DefinitionsLoadType.RECONSTRUCTION)


def load(*, to_run: bool) -> dg.Definitions:
    """Return all there is: read from `.env`, from the environment and from dbt's manifest."""
    environment, settings = read_all()
    pipeline = Pipeline(environment, settings, manifest.read(environment))
    path = manifest.manifest_path(environment)
    lineage = Lineage.to_run(pipeline.manifest, path) if to_run else Lineage.to_see(pipeline.manifest)
    return dg.Definitions(
        assets=[op.assets(pipeline, lineage), webhook.SPEC],
        jobs=[jobs.HOURLY, jobs.NIGHTLY, jobs.housekeeping],
        schedules=jobs.schedules(settings),
        sensors=[
            lost_runs.sensor(),
            *alerts.sensors(settings),
            *([webhook.sensor(jobs.HOURLY)] if settings.webhook else []),
            *([watch.sensor(jobs.HOURLY, settings.watch)] if settings.watch else []),
        ],
        loggers={
            "console": dg.LoggerDefinition(progress.console, description="What the pipeline itself says.")
        },
    )
