"""Reading within a run: sevDesk's lists and the ECB's rates into the warehouse, and what of it is new."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from orchestration import warehouse
from orchestration.assets import Pipeline
from orchestration.environment import Environment
from orchestration.failure import PublicReasonError, verdict
from orchestration.meltano import run as meltano
from orchestration.meltano.log import RunLog
from orchestration.meltano.rates import read_rates
from orchestration.names import FOREGROUND
from orchestration.progress import printable


def load(
    environment: Environment,
    context: dg.AssetExecutionContext,
    required: set[str],
    *,
    account: str | None,
    full: bool,
    timeout: float,
) -> tuple[RunLog, int | None]:
    """Read both; return what the tap said and how many rates are new. `timeout` is in seconds.

    `required` are the lists that no total can do without, `account` is whose books these are, if known.
    Raises what Dagster is to do: try again later, or fail.
    """
    settings = {"TAP_SEVDESK_REQUIRED_STREAMS": ",".join(sorted(required))}
    if whose := account or warehouse.account(environment):
        settings["TAP_SEVDESK_ACCOUNT"] = whose

    def say(level: int, text: str) -> None:
        context.log.log(level, printable(text))

    try:
        log = meltano.read(environment, say, full=full, settings=settings, timeout=timeout)
        return log, read_rates(environment, say, full=full)
    except meltano.ReadError as error:
        decision = verdict(error, context.retry_number, watched=FOREGROUND in context.run.tags)
        if isinstance(decision, dg.RetryRequested):
            context.log.warning("%s Trying again in %s s.", error, decision.seconds_to_wait)
        raise decision from PublicReasonError(error.public)


def loaded(
    pipeline: Pipeline, context: dg.AssetExecutionContext, log: RunLog, rates: int | None, *, full: bool
) -> Iterator[Any]:
    """Yield the lists that were read in full or brought something; the others were not made."""
    chosen = context.selected_asset_keys
    ecb = pipeline.rates_spec().key
    if rates is not None and ecb in chosen:
        yield dg.MaterializeResult(asset_key=ecb, metadata={"rows": rates})
    for name, spec in pipeline.stream_specs().items():
        if spec.key in chosen and (full or log.rows[name]):
            yield dg.MaterializeResult(asset_key=spec.key, metadata=log.measured(name))
