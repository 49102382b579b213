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
        return {
            name: dg.AssetSpec(
                ["sevdesk", name],
                description=described.get(name) or "As sevDesk sent it; no model reads it yet.",
                group_name="sevdesk",
                kinds={"meltano", self.environment.loader.removeprefix("target-")},
                skippable=True,
            )
            for name in [*(source.name for source in SOURCES), dbt_manifest.AUDIT]
        }

    def rates_spec(self) -> dg.AssetSpec:
        """Return the asset of the exchange rates."""
        return dg.AssetSpec(
            ["ecb", "exchange_rates"],
            description="Euro reference rates of the European Central Bank, read every night (tap-ecb).",
            group_name="ecb",
            kinds={"meltano", self.environment.loader.removeprefix("target-")},
            skippable=True,
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
