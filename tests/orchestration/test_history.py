"""The event log that .dagster/dagster.yaml names, beside the one that Dagster would use by itself."""

from pathlib import Path

import dagster as dg
import pytest

from orchestration.environment import ROOT
from orchestration.history import OpenEventLog

OURS = (ROOT / ".dagster" / "dagster.yaml").read_text()
DAGSTERS = "telemetry: {enabled: false}\n"


@dg.asset
def report() -> None:
    """Be there."""


@pytest.mark.parametrize(("before", "after"), [(OURS, DAGSTERS), (DAGSTERS, OURS)])
def test_an_installed_system_keeps_its_history_when_the_line_comes_or_goes(
    before: str, after: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    for written, config in enumerate((before, after)):
        (tmp_path / "dagster.yaml").write_text(config)
        with dg.DagsterInstance.get() as instance:
            assert isinstance(instance.event_log_storage, OpenEventLog) == (config == OURS)
            assert len(instance.fetch_materializations(report.key, limit=9).records) == written
            run = dg.materialize([report], instance=instance)
            assert run.success
            events = instance.all_logs(run.run_id)
            assert events[-1].dagster_event_type == dg.DagsterEventType.RUN_SUCCESS
