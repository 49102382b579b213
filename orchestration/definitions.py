"""The Dagster code location: sevDesk's streams, dbt's models with their tests as checks, the report."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from graphlib import TopologicalSorter
from typing import Any

import dagster as dg
import sevdesk_report
from dagster_dbt import DagsterDbtTranslator, dbt_assets
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage
from sevdesk_report import german
from tap_sevdesk.streams import SOURCES

import orchestration.history  # noqa: F401 - does its work by being imported
from orchestration import progress
from orchestration.alerts import sensor as alerts
from orchestration.dbt import run as transform
from orchestration.dbt.events import DbtLog, Event
from orchestration.dbt.unchanged import Unchanged, unchanged
from orchestration.environment import OUTPUT
from orchestration.meltano import run as meltano
from orchestration.meltano.rates import read_rates
from orchestration.progress import FOREGROUND
from orchestration.retention import prune, prune_calls
from orchestration.schedules import schedule
from orchestration.settings import read_all
from orchestration.webhook import sensor as webhook_events

WORLD, SETTINGS = read_all()
MANIFEST: dict[str, Any] = json.loads(transform.prepare(WORLD).read_text(encoding="utf-8"))

PAGE = OUTPUT / "report.html"
SPREADSHEET = OUTPUT / "invoices.xlsx"
WAREHOUSE = WORLD.loader.removeprefix("target-")

POOL = "warehouse"  # dagster.yaml lets one run at a time into it, be it scheduled or started by a person
RETRIES = 3
FIRST_DELAY = 60.0  # seconds, then doubled: 60 + 120 + 240 outlast the 5 minutes of Meltano's own lock
MINUTE = 60.0
DBT_MINUTES = 40
PROGRESS_SECONDS = 10

# It colours the UI; alerts look for themselves.
FRESH = dg.FreshnessPolicy.time_window(fail_window=SETTINGS.max_age)


class Building(dg.Config):
    """Whether to build the models though nothing has changed since they were built."""

    always: bool = True


class Reading(dg.Config):
    """How to read sevDesk: what changed, or everything (`full`); and for how many minutes at most."""

    full: bool = False
    minutes: int = 45


# The tap's table is the one list of streams; dbt's sources, which have the same keys, add what they know.
DESCRIBED = {
    source["name"]: source["description"]
    for source in MANIFEST["sources"].values()
    if source["source_name"] == "sevdesk"
}
STREAMS = {
    name: dg.AssetSpec(
        ["sevdesk", name],
        description=DESCRIBED.get(name) or "As sevDesk sent it; no model reads it yet.",
        group_name="sevdesk",
        kinds={"meltano", WAREHOUSE},
        freshness_policy=FRESH,
    )
    for name in [*(source.name for source in SOURCES), "extractions"]
}


RATES = dg.AssetSpec(
    ["ecb", "exchange_rates"],
    description="Euro reference rates of the European Central Bank, read every night (tap-ecb).",
    group_name="ecb",
    kinds={"meltano", WAREHOUSE},
)


@dg.multi_asset(name="sevdesk", specs=[RATES, *STREAMS.values()], pool=POOL)
def sevdesk(context: dg.AssetExecutionContext, config: Reading) -> Iterator[dg.MaterializeResult[None]]:
    """Read sevDesk into the warehouse, one `meltano run` for all streams; then the ECB's rates if due."""
    context.log.info("reading %s from sevDesk ...", "everything" if config.full else "what changed")
    try:
        log = meltano.read(WORLD, context.log.log, full=config.full, timeout=config.minutes * MINUTE)
        rates = read_rates(WORLD, context.log.log, full=config.full)
    except meltano.ReadError as error:
        decision = verdict(error, context.retry_number, watched=FOREGROUND in context.run.tags)
        if isinstance(decision, dg.RetryRequested):
            context.log.warning("%s Trying again in %s s.", error, decision.seconds_to_wait)
        raise decision from alerts.PublicReasonError(error.public)
    yield dg.MaterializeResult(
        asset_key=RATES.key, metadata={"rows": rates} if rates is not None else {"read": "not due"}
    )
    for stream, spec in STREAMS.items():
        yield dg.MaterializeResult(asset_key=spec.key, metadata=log.measured(stream))


def verdict(error: meltano.ReadError, attempt: int, *, watched: bool) -> dg.Failure | dg.RetryRequested:
    """Return what to raise for `error` in attempt 0, 1, ...: a retry later, or the end of the run.

    Not Dagster's RetryPolicy: with it a run that somebody terminates starts the step anew (dagster#15026).
    """
    if error.transient and not watched and attempt < RETRIES:
        return dg.RetryRequested(max_retries=RETRIES, seconds_to_wait=FIRST_DELAY * 2**attempt)
    return failure(str(error), error.public)


def failure(reason: str, public: str) -> dg.Failure:
    """Return the end of a run: `reason` for engineers, `public` for everybody who gets alerts."""
    return dg.Failure(reason, metadata={alerts.PUBLIC: public}, allow_retries=False)


class BySchema(DagsterDbtTranslator):
    """dbt's models and rules in Dagster: a model stands in the group named as its schema."""

    def get_group_name(self, dbt_resource_props: Any) -> str | None:  # noqa: ANN401
        """Return `staging` or `analytics`."""
        return str(dbt_resource_props["schema"]).lower()

    def get_asset_check_spec(self, *args: Any, **kwargs: Any) -> dg.AssetCheckSpec | None:  # noqa: ANN401
        """Return a rule as a check that holds nothing up: dbt does so itself, where it has to."""
        spec = super().get_asset_check_spec(*args, **kwargs)
        return spec._replace(blocking=False) if spec else None


TRANSLATOR = BySchema()


@dbt_assets(manifest=MANIFEST, dagster_dbt_translator=TRANSLATOR, pool=POOL, name="models")
def models(context: dg.AssetExecutionContext, config: Building) -> Iterator[Any]:
    """Build and test the models: `dbt build`; in an hour that brought nothing new only check the reading."""
    quiet = None if config.always or context.is_subset else unchanged(WORLD)
    if quiet:
        yield from leave(context, quiet)
        return
    context.log.info("building and testing the models ...")
    # unit tests prove the code, not the data: they belong to `make test`
    arguments = ["build", "--exclude-resource-type", "unit_test"]
    if context.is_subset:
        chosen = sorted({key.path[-1] for key in context.selected_asset_keys})
        arguments += ["--indirect-selection", "cautious", "--select", *chosen]
    log = DbtLog()
    said = time.monotonic()
    try:
        for event in transform.dbt(WORLD, arguments, timeout=DBT_MINUTES * MINUTE, log=log):
            yield from in_dagster(event, context)
            if time.monotonic() - said > PROGRESS_SECONDS:
                said = time.monotonic()
                context.log.info("%d steps done", log.done.total())
    except transform.DbtError as error:
        raise failure(str(error), error.public) from error
    context.log.info(log.summary())


def leave(context: dg.AssetExecutionContext, quiet: Unchanged) -> Iterator[Any]:
    """Note that all models are as they have to be, and what the rules about the reading gave."""
    since = {"not built, as nothing has changed since": dg.MetadataValue.timestamp(quiet.since)}
    for key in TopologicalSorter(models.asset_deps).static_order():
        if key in context.selected_asset_keys:
            yield dg.MaterializeResult(asset_key=key, metadata=since)
    for event in quiet.events:
        yield from in_dagster(event, context)
    context.log.info("nothing has changed since %s: no model was built", german.moment(quiet.since))
    if quiet.log.warnings:
        context.log.info(quiet.log.summary())


def in_dagster(event: Event, context: dg.AssetExecutionContext) -> Iterator[Any]:
    """Return what an event of dbt is for Dagster: a model was built, a rule was checked, or nothing."""
    return DbtCoreCliEventMessage(event, {}).to_default_asset_events(
        manifest=MANIFEST, dagster_dbt_translator=TRANSLATOR, context=context
    )


REPORT_ROWS = dg.AssetKey(["staging", "report_rows"])


@dg.asset(
    name="report",
    deps=[REPORT_ROWS],
    group_name="report",
    kinds={"html"},
    pool=POOL,
    freshness_policy=FRESH,
)
def report_page(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
    """`output/report.html` and `invoices.xlsx`: amounts by place, who owes, what is not in the total."""
    now = datetime.now(UTC)
    words = sevdesk_report.language(SETTINGS.language)
    try:
        rows = sevdesk_report.tables(
            transform.rows(WORLD, "select part, content from {{ ref('report_rows') }}")
        )
        page = sevdesk_report.render(
            rows,
            now=now,
            max_age=SETTINGS.max_age,
            language_code=SETTINGS.language,
            company=SETTINGS.company,
            spreadsheet=SPREADSHEET.name,
        )
        book = sevdesk_report.spreadsheet(rows, language_code=SETTINGS.language)
        sevdesk_report.publish(book, SPREADSHEET)
        sevdesk_report.publish(page, PAGE)
    except transform.DbtError as error:
        raise failure(str(error), error.public) from error
    except OSError as error:
        reason = f"{PAGE} cannot be written ({error.strerror}). Mend its folder or permissions."
        raise failure(reason, "The page of the report cannot be written.") from error
    found = sevdesk_report.read(rows)
    context.log.info(sevdesk_report.summary(found, now, SETTINGS.max_age, SETTINGS.language))
    as_of = found.status.as_of
    yield dg.MaterializeResult(
        metadata={
            "page": dg.MetadataValue.path(PAGE),
            "spreadsheet": dg.MetadataValue.path(SPREADSHEET),
            alerts.AS_OF: dg.MetadataValue.timestamp(as_of) if as_of else "never",
            "documents": len(found.documents),
            "net": words.euro(sum((each.net for each in found.documents), Decimal(0))),
            "gross": words.euro(sum((each.gross for each in found.documents), Decimal(0))),
            "documents in question": len(found.questions),
        }
    )
    if miscount := sevdesk_report.miscount(found.streams, sevdesk_report.language("en")):
        raise failure(miscount, miscount)  # the page is made and says so; the run has failed all the same


@dg.op
def forget_old_runs(context: dg.OpExecutionContext) -> None:
    """Delete runs and webhook calls of more than a month ago from Dagster's history."""
    prune_calls(context.instance)
    context.log.info("%d runs forgotten", prune(context.instance))


@dg.job(executor_def=dg.in_process_executor, description="Keep Dagster's own history small.")
def housekeeping() -> None:
    """Forget old runs."""
    forget_old_runs()


def _job(name: str, description: str, reading: Reading, building: Building, limit: timedelta) -> Any:  # noqa: ANN401
    return dg.define_asset_job(
        name,
        selection=dg.AssetSelection.all(),
        description=description,
        executor_def=dg.in_process_executor,
        config=dg.RunConfig(ops={"sevdesk": reading, "models": building}, loggers={"console": {}}),
        tags={"dagster/max_runtime": str(int(limit.total_seconds()))},
    )


HOURLY = _job(
    "hourly",
    "Read what changed; build and test, if anything has; report.",
    Reading(),
    Building(always=False),
    timedelta(minutes=55),
)
# A full read of many years may take longer than an hour; hourly runs wait for it.
NIGHTLY = _job(
    "nightly",
    "Read everything, which repairs and finds what was deleted; build, test, report.",
    Reading(full=True, minutes=300),
    Building(),
    timedelta(hours=6),
)


defs = dg.Definitions(
    assets=[sevdesk, models, report_page, webhook_events.SPEC],
    jobs=[HOURLY, NIGHTLY, housekeeping],
    schedules=[
        schedule(HOURLY, SETTINGS.hourly, "What changed, every hour unless HOURLY_CRON says otherwise."),
        schedule(NIGHTLY, SETTINGS.nightly, "Everything, every night unless NIGHTLY_CRON says otherwise."),
        schedule(housekeeping, "45 3 * * *", "Forgets runs and calls of more than a month ago."),
    ],
    sensors=[*alerts.sensors(SETTINGS), *([webhook_events.sensor(HOURLY)] if SETTINGS.webhook else [])],
    loggers={"console": dg.LoggerDefinition(progress.console, description="What the pipeline itself says.")},
)
