"""What Dagster shows: sevDesk's lists, the ECB's rates, dbt's models with their tests as checks, the page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import dagster as dg
from tap_sevdesk.streams import SOURCES

from orchestration import page
from orchestration.dbt import manifest as dbt_manifest
from orchestration.environment import Environment
from orchestration.settings import Settings


@dataclass(frozen=True)
class Pipeline:
    """What a run needs to know: where data goes, what is set, what dbt says of its project."""

    environment: Environment
    settings: Settings
    manifest: Mapping[str, Any] = field(repr=False)

    def stream_specs(self) -> dict[str, dg.AssetSpec]:
        """Return the assets of the lists by name: the tap's table, described as dbt's sources are."""
        described = {
            source["name"]: source["description"]
            for source in self.manifest["sources"].values()
            if source["source_name"] == "sevdesk"
        }
        names = [*(source.name for source in SOURCES), dbt_manifest.AUDIT]
        unread = "As sevDesk sent it; no model reads it yet."
        return {name: self._loaded("sevdesk", name, described.get(name) or unread) for name in names}

    def rates_spec(self) -> dg.AssetSpec:
        """Return the asset of the exchange rates."""
        said = "Euro reference rates of the European Central Bank, read every night (tap-ecb)."
        return self._loaded("ecb", "exchange_rates", said)

    def _loaded(self, group: str, name: str, description: str) -> dg.AssetSpec:
        kinds = {"meltano", self.environment.loader.removeprefix("target-")}
        return dg.AssetSpec(
            [group, name], description=description, group_name=group, kinds=kinds, skippable=True
        )

    def report_spec(self) -> dg.AssetSpec:
        """Return the asset of the page. It alone has a promise of freshness, as every good run makes it."""
        return dg.AssetSpec(
            page.KEY,
            deps=[page.ROWS],
            description="`output/report.html`, `invoices.xlsx`: amounts, who owes, what is not in the total.",
            group_name="report",
            kinds={"html"},
            skippable=True,
            freshness_policy=dg.FreshnessPolicy.time_window(fail_window=self.settings.max_age),
        )
