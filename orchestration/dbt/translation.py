"""dbt in Dagster, by dagster-dbt: models as assets, tests as checks, events of dbt as Dagster's.

Slow to import, as dagster-dbt brings dbt along: two seconds. Whoever can do without imports it late.
"""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings
from dagster_dbt.asset_utils import build_dbt_specs
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage

from orchestration.dbt.events import Event


class BySchema(DagsterDbtTranslator):
    """dbt's models and rules in Dagster: a model stands in the group named as its folder."""

    def get_group_name(self, dbt_resource_props: Any) -> str | None:  # noqa: ANN401
        """Return `staging`, `intermediate` or `analytics`; seeds stand with staging."""
        folder = dbt_resource_props["fqn"][1] if len(dbt_resource_props["fqn"]) > 2 else "staging"  # noqa: PLR2004
        return str(folder)

    def get_asset_check_spec(self, *args: Any, **kwargs: Any) -> dg.AssetCheckSpec | None:  # noqa: ANN401
        """Return a rule as a check that holds nothing up: dbt does so itself, where it has to."""
        spec = super().get_asset_check_spec(*args, **kwargs)
        return spec._replace(blocking=False) if spec else None


# A view is up to date when the tables behind it are, though it is made only when the code is.
TRANSLATOR = BySchema(settings=DagsterDbtTranslatorSettings(enable_dbt_views_as_virtual_assets=True))


def specs(manifest: Mapping[str, Any]) -> tuple[Sequence[dg.AssetSpec], Sequence[dg.AssetCheckSpec]]:
    """Return the models and the rules of dbt's manifest."""
    # virtual assets; Dagster's version is pinned
    with warnings.catch_warnings(action="ignore", category=dg.PreviewWarning):
        return build_dbt_specs(
            manifest=manifest,
            translator=TRANSLATOR,
            select="fqn:*",
            exclude="",
            selector="",
            io_manager_key=None,
            project=None,
        )


def results(event: Event, manifest: Mapping[str, Any], context: dg.AssetExecutionContext) -> Iterator[Any]:
    """Return what an event of dbt's log says to Dagster: a model that was made, a rule that was checked."""
    # as in `specs`, which a run has not called
    with warnings.catch_warnings(action="ignore", category=dg.PreviewWarning):
        made = DbtCoreCliEventMessage(event, {}).to_default_asset_events(
            manifest=manifest, dagster_dbt_translator=TRANSLATOR, context=context
        )
        return iter(list(made))
