"""The Dagster code location: sevDesk's streams, dbt's models with their tests as checks, the report."""

import json
from collections.abc import Iterator
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, dbt_assets
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage

from orchestration import meltano, report, transform
from orchestration.figures import QUERY, FiguresDisagreeError, figures
from orchestration.progress import console
from orchestration.worlds import read_world

WORLD = read_world()
MANIFEST: dict[str, Any] = json.loads(transform.prepare(WORLD).read_text(encoding="utf-8"))

POOL = "warehouse"  # dagster.yaml allows one run in it, be it scheduled or started by a person
FOREGROUND = (
    "sevdesk/foreground"  # tag of a run that somebody is watching: it fails at once instead of waiting
)
RETRIES = 3
FIRST_DELAY = 60.0  # seconds, then doubled: 60 + 120 + 240 outlasts the 5 minutes of Meltano's own lock
MINUTE = 60


class Reading(dg.Config):
    """How to read sevDesk: only what changed, or everything; and for how long at most."""

    full: bool = False
    minutes: int = 45


STREAMS: dict[str, dg.AssetSpec] = {
    source["name"]: dg.AssetSpec(
        ["sevdesk", source["name"]],
        description=source["description"] or None,
        group_name="sevdesk",
        kinds={"meltano"},
    )
    for source in MANIFEST["sources"].values()
    if source["source_name"] == "sevdesk"
}


@dg.multi_asset(name="sevdesk", specs=list(STREAMS.values()), pool=POOL)
def sevdesk(context: dg.AssetExecutionContext, config: Reading) -> Iterator[dg.MaterializeResult[None]]:
    """Read sevDesk into the warehouse: one `meltano run` for all streams."""
    context.log.info("reading %s from sevDesk ...", "everything" if config.full else "what changed")
    try:
        log = meltano.read(WORLD, context.log.log, full=config.full, timeout=config.minutes * MINUTE)
    except meltano.ReadError as error:
        if error.transient and FOREGROUND not in context.run.tags and context.retry_number < RETRIES:
            delay = FIRST_DELAY * 2**context.retry_number
            context.log.warning("%s Next attempt in %.0f s.", error, delay)
            raise dg.RetryRequested(max_retries=RETRIES, seconds_to_wait=delay) from error
        raise dg.Failure(str(error), allow_retries=False) from error
    for stream, spec in STREAMS.items():
        yield dg.MaterializeResult(asset_key=spec.key, metadata={"rows": log.rows[stream]})


class Names(DagsterDbtTranslator):
    """Assets of dbt stand in a group named as their schema."""

    def get_group_name(self, dbt_resource_props: Any) -> str | None:  # noqa: ANN401
        return str(dbt_resource_props["schema"]).lower()


TRANSLATOR = Names()


@dbt_assets(manifest=MANIFEST, dagster_dbt_translator=TRANSLATOR, pool=POOL)
def models(context: dg.AssetExecutionContext) -> Iterator[Any]:
    """Build and test the models: `dbt build`."""
    context.log.info("building and testing the models ...")
    arguments = ["build"]
    if context.is_subset:
        chosen = {key.path[-1] for key in context.selected_asset_keys}
        arguments += ["--indirect-selection", "cautious", "--select", *sorted(chosen)]
    done = {"model": 0, "seed": 0, "test": 0}
    try:
        for event in transform.dbt(WORLD, arguments, timeout=45 * MINUTE):
            yield from DbtCoreCliEventMessage(event, {}).to_default_asset_events(
                manifest=MANIFEST, dagster_dbt_translator=TRANSLATOR, context=context
            )
            kind = event["data"].get("node_info", {}).get("resource_type")
            if event["info"]["name"] in {"LogModelResult", "LogSeedResult", "LogTestResult"} and kind in done:
                done[kind] += 1
    except transform.DbtError as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    context.log.info("%d models built, %d rules hold", done["model"], done["test"])


MARTS = [
    dg.AssetKey(["analytics", name])
    for name in ("invoices_summary", "invoices_amount_by_city", "invoices_amount_by_country")
]


@dg.asset(name="report", deps=MARTS, group_name="report", kinds={"html"}, pool=POOL)
def report_page(context: dg.AssetExecutionContext) -> dg.MaterializeResult[None]:
    """`output/report.html`: revenue by city, country and month, on one page."""
    try:
        found = figures(transform.rows(WORLD, QUERY))
        report.write(report.render(found))
    except (transform.DbtError, FiguresDisagreeError) as error:
        raise dg.Failure(str(error), allow_retries=False) from error
    except OSError as error:
        raise dg.Failure(f"The report cannot be written: {error}", allow_retries=False) from error
    context.log.info(report.ranking("Revenue by city, net", found.cities, 10))
    context.log.info(report.ranking("Revenue by country, net", found.countries, 10))
    return dg.MaterializeResult(
        metadata={"path": dg.MetadataValue.path(report.PAGE), "documents": found.total.documents}
    )


def _job(name: str, description: str, reading: Reading, hours: float) -> Any:  # noqa: ANN401
    return dg.define_asset_job(
        name,
        selection=dg.AssetSelection.all(),
        description=description,
        executor_def=dg.in_process_executor,
        config=dg.RunConfig(ops={"sevdesk": reading}, loggers={"console": {}}),
        tags={"dagster/max_runtime": str(int(hours * 3600))},
    )


HOURLY = _job("hourly", "Read what changed, build, test, report.", Reading(), 55 / 60)
NIGHTLY = _job(
    "nightly", "Read everything: repairs, and finds what was deleted.", Reading(full=True, minutes=300), 5.5
)


def _schedule(job: Any, cron: str) -> dg.ScheduleDefinition:  # noqa: ANN401
    return dg.ScheduleDefinition(
        job=job,
        cron_schedule=cron,
        execution_timezone="Europe/Berlin",
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )


defs = dg.Definitions(
    assets=[sevdesk, models, report_page],
    jobs=[HOURLY, NIGHTLY],
    schedules=[_schedule(HOURLY, "0 * * * *"), _schedule(NIGHTLY, "30 2 * * *")],
    loggers={"console": console},
)
