"""The Dagster code location. Importing this does nothing; Dagster calls `defs` to load it.

One op does all of a run and yields to Dagster what was really made. Of several ops Dagster skips one whose
inputs were not yielded, and an hour without news makes no list and no model, but a page that says until when
it holds.
"""

import dagster as dg
from dagster._core.definitions.definitions_load_context import DefinitionsLoadContext, DefinitionsLoadType

from orchestration import jobs, lost_runs, page, progress
from orchestration.alerts import sensor as alerts
from orchestration.assets import Pipeline
from orchestration.dbt import manifest
from orchestration.dbt.lineage import Lineage
from orchestration.dbt.run import release
from orchestration.failure import PUBLIC
from orchestration.run import Config, Made, Run
from orchestration.settings import read_all
from orchestration.watch import sensor as watch
from orchestration.webhook import sensor as webhook

POOL = "warehouse"  # dagster.yaml lets one run at a time into it, be it scheduled or started by a person


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
        assets=[assets(pipeline, lineage), webhook.SPEC],
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


def assets(pipeline: Pipeline, lineage: Lineage) -> dg.AssetsDefinition:
    """Return the op that makes all assets of `pipeline`, or of them what a person chose."""
    model_keys = {spec.key for spec in lineage.models}

    @dg.multi_asset(
        name="pipeline",
        specs=[
            pipeline.rates_spec(),
            *pipeline.stream_specs().values(),
            *lineage.models,
            pipeline.report_spec(),
        ],
        check_specs=lineage.rules,
        can_subset=True,
        pool=POOL,
        allow_arbitrary_check_specs=True,
    )
    def op(context: dg.AssetExecutionContext, config: Config) -> Made:
        """Read sevDesk, build and test the models, make the page."""
        context.instance.add_run_tags(context.run.run_id, lost_runs.this_process())
        run = Run(pipeline, context, config)
        try:
            yield from run.make(context.selected_asset_keys, model_keys)
        except dg.Failure as failed:
            if page.KEY in context.selected_asset_keys:
                run.say_why_not_updated(str(failed.metadata[PUBLIC].value))
            raise
        finally:
            release()

    return op
