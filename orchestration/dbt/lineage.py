"""dbt's models and rules as Dagster knows them: with all that there is to see, or as much as a run needs.

dagster-dbt takes two seconds to import. A run without news does not need it, any other one imports it while
Meltano reads. What a run has to know before is kept beside the manifest that it follows from.
"""

import json
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Self

import dagster as dg
import sevdesk_report


@dataclass(frozen=True)
class Lineage:
    """The models, as assets, and the rules, as their checks."""

    models: Sequence[dg.AssetSpec]
    rules: Sequence[dg.AssetCheckSpec]

    @classmethod
    def to_see(cls, manifest: Mapping[str, Any]) -> Self:
        """Return all that a manifest says: descriptions, columns, groups."""
        from orchestration.dbt import translation  # noqa: PLC0415 - slow to import

        return cls(*translation.specs(manifest))

    @classmethod
    def to_run(cls, manifest: Mapping[str, Any], path: Path) -> Self:
        """Return what a run needs of the manifest, which was read from `path`."""
        kept = path.with_name(f"lineage-{version('dagster-dbt')}.json")
        made_of = (path, Path(__file__), Path(__file__).with_name("translation.py"))
        if kept.exists() and kept.stat().st_mtime >= max(each.stat().st_mtime for each in made_of):
            with suppress(ValueError, TypeError, KeyError):  # it is damaged
                return cls._kept(kept)
        lineage = cls.to_see(manifest)
        _keep(lineage, kept)
        return lineage

    @classmethod
    def _kept(cls, path: Path) -> Self:
        known = json.loads(path.read_text(encoding="utf-8"))
        with warnings.catch_warnings(action="ignore", category=dg.PreviewWarning):  # as translation.py has it
            models = [dg.AssetSpec(**model, skippable=True) for model in known["models"]]
        return cls(models, [dg.AssetCheckSpec(name, asset=dg.AssetKey(key)) for key, name in known["rules"]])


def _keep(lineage: Lineage, path: Path) -> None:
    """Keep of models and rules what Dagster notes when they are made, and what it follows to do so."""
    models = [
        {
            "key": model.key.path,
            "deps": [dependency.asset_key.path for dependency in model.deps],
            "code_version": model.code_version,
            "is_virtual": model.is_virtual,
        }
        for model in lineage.models
    ]
    rules = [(rule.asset_key.path, rule.name) for rule in lineage.rules]
    sevdesk_report.publish(json.dumps({"models": models, "rules": rules}), path)
