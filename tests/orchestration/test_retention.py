"""Dagster's history stays small; what it would be missed for stays."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from orchestration.retention import prune, prune_calls
from orchestration.webhook import sensor as webhook_events

AT_ONCE = timedelta(seconds=-1)


@dg.asset(check_specs=[dg.AssetCheckSpec("rule", asset="figures")])
def figures() -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """Stand in for the pipeline."""
    yield dg.MaterializeResult()
    yield dg.AssetCheckResult(passed=True)


@dg.asset
def broken() -> None:
    """Stand in for a failing one."""
    raise dg.Failure("broken")


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as instance:
        yield instance


def run(asset: dg.AssetsDefinition, instance: dg.DagsterInstance) -> str:
    return dg.materialize([asset], instance=instance, raise_on_error=False).run_id


def traces(instance: dg.DagsterInstance, run_id: str) -> list[Path]:
    return list(Path(instance.root_directory).rglob(f"*{run_id}*"))


def test_what_is_young_stays(instance: dg.DagsterInstance) -> None:
    run(broken, instance)
    assert prune(instance) == 0


def test_an_old_run_goes_without_a_trace(instance: dg.DagsterInstance) -> None:
    first, second = run(figures, instance), run(figures, instance)
    assert traces(instance, first)
    assert prune(instance, AT_ONCE) == 1
    assert [kept.run_id for kept in instance.get_runs()] == [second]
    assert not traces(instance, first)
    key = dg.AssetCheckKey(dg.AssetKey("figures"), "rule")
    history = instance.event_log_storage.get_asset_check_execution_history(key, limit=9)
    assert [execution.run_id for execution in history] == [second]


def test_the_latest_success_stays_however_old_it_is(instance: dg.DagsterInstance) -> None:
    success = run(figures, instance)
    assert prune(instance, AT_ONCE) == 0
    event = instance.get_latest_materialization_event(dg.AssetKey("figures"))
    assert event is not None
    assert event.run_id == success


def test_calls_of_the_webhook_go_too_when_they_are_old(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    def calls() -> int:
        return len(instance.fetch_observations(webhook_events.KEY, limit=9).records)

    monkeypatch.setenv("DAGSTER_HOME", instance.root_directory)
    figures_of = run(figures, instance)
    webhook_events.record()
    prune_calls(instance)
    assert calls() == 1
    prune_calls(instance, AT_ONCE)
    assert calls() == 0
    event = instance.get_latest_materialization_event(dg.AssetKey("figures"))
    assert event is not None
    assert event.run_id == figures_of
    webhook_events.record()
    assert calls() == 1
