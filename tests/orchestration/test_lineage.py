"""dbt's models and rules for a run: the very ones that are seen, but without dbt until it is needed."""

import copy
import json
import os
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from orchestration import settings
from orchestration.dbt import manifest, translation
from orchestration.dbt.lineage import Lineage
from orchestration.environment import ROOT

ENVIRONMENT, _ = settings.read_all()
MANIFEST = manifest.read(ENVIRONMENT)


def model(spec: dg.AssetSpec) -> tuple[Any, ...]:
    parents = sorted(dependency.asset_key.to_user_string() for dependency in spec.deps)
    return spec.key.to_user_string(), parents, spec.code_version, spec.is_virtual, spec.skippable


def known(lineage: Lineage) -> tuple[list[tuple[Any, ...]], list[tuple[str, bool]]]:
    rules = [(rule.key.to_user_string(), rule.blocking) for rule in lineage.rules]
    return sorted(map(model, lineage.models)), sorted(rules)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(MANIFEST))
    return path


def test_a_run_has_the_models_and_rules_that_are_seen(path: Path) -> None:
    seen = known(Lineage.to_see(MANIFEST))
    assert len(seen[0]) > 50
    assert len(seen[1]) > 20
    assert [known(Lineage.to_run(MANIFEST, path)) for _ in range(2)] == [seen, seen], "made, and kept"


def test_it_follows_the_manifest(path: Path) -> None:
    Lineage.to_run(MANIFEST, path)
    changed = copy.deepcopy(MANIFEST)
    next(node for node in changed["nodes"].values() if node["name"] == "invoices_stg")["raw_code"] += (
        " -- now"
    )
    later = path.stat().st_mtime + 60
    os.utime(path, (later, later))
    assert (
        known(Lineage.to_run(changed, path))
        == known(Lineage.to_see(changed))
        != known(Lineage.to_see(MANIFEST))
    )


@pytest.mark.parametrize("damaged", ["", '{"models', "[]", '{"models": [], "rules": null}'])
def test_what_was_kept_and_is_damaged_is_made_anew(path: Path, damaged: str) -> None:
    whole = known(Lineage.to_run(MANIFEST, path))
    (kept,) = path.parent.glob("lineage-*.json")
    kept.write_text(damaged)
    assert known(Lineage.to_run(MANIFEST, path)) == whole


@pytest.mark.parametrize("what", ["load(to_run=True)", "defs()"])
def test_a_run_imports_dbt_only_to_build(what: str) -> None:
    """`defs()` in a process that Dagster has started for a run."""
    Lineage.to_run(MANIFEST, manifest.manifest_path(ENVIRONMENT))
    script = (
        "import sys\n"
        "from dagster._core.definitions import definitions_load_context as dagsters\n"
        "a_run = dagsters.DefinitionsLoadContext(dagsters.DefinitionsLoadType.RECONSTRUCTION)\n"
        "dagsters.DefinitionsLoadContext.set(a_run)\n"
        "from orchestration import definitions\n"
        "from orchestration.dbt.run import release\n"
        f"assert definitions.{what}.resolve_job_def('hourly')\n"
        "release()\n"
        "assert not [name for name in sys.modules if name.split('.')[0] in ('dbt', 'dagster_dbt')]"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


def test_a_view_that_was_made_warns_nobody_of_what_dagster_may_change() -> None:
    """A run knows its models from what was kept, so dagster-dbt meets this manifest here first."""
    fresh = copy.deepcopy(MANIFEST)
    view = next(node for node in fresh["nodes"].values() if node["config"]["materialized"] == "view")
    took = {"node_started_at": "2026-06-30T12:00:00", "node_finished_at": "2026-06-30T12:00:01"}
    node = {"unique_id": view["unique_id"], "resource_type": "model", "node_status": "success", **took}
    info = {"name": "LogModelResult", "invocation_id": "1"}
    event = {"info": info, "data": {"node_info": {**node, "materialized": "view", "meta": {}}}}
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        (made,) = translation.results(event, fresh, context=None)  # type: ignore[arg-type] # of no run
    assert made.asset_key.path[-1] == view["name"]
    assert not [str(warning.message) for warning in said]
