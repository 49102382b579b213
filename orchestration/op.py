"""The one op of a run, which does all and yields to Dagster what was really made.

Of several ops Dagster skips one whose inputs were not yielded, and an hour without news makes no list and no
model, but a page that says until when it holds.
"""

import dagster as dg

from orchestration import lost_runs, page
from orchestration.assets import Pipeline
from orchestration.dbt.lineage import Lineage
from orchestration.dbt.run import release
from orchestration.failure import PUBLIC
from orchestration.run import Config, Made, Run

POOL = "warehouse"  # dagster.yaml lets one run at a time into it, be it scheduled or started by a person


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
