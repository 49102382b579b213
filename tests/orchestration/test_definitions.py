"""The code location: what Dagster shows and does, without running anything."""

import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.definitions.assets.graph.asset_graph import AssetGraph
from syrupy.assertion import SnapshotAssertion
from tap_sevdesk.streams import SOURCES

from orchestration import (
    build_state,
    failure,
    jobs,
    load,
    page,
    run,
    settings,
    warehouse,
)
from orchestration.alerts import sensor as alerts
from orchestration.assets import Pipeline
from orchestration.dbt import manifest
from orchestration.dbt.lineage import Lineage
from orchestration.dbt.run import Dbt
from orchestration.definitions import assets
from orchestration.definitions import defs as definitions
from orchestration.environment import ROOT
from orchestration.failure import verdict
from orchestration.meltano import run as meltano
from orchestration.meltano.log import RunLog
from orchestration.meltano.run import ReadError
from orchestration.names import FOREGROUND
from orchestration.webhook import sensor as webhook_events

REPORT = dg.AssetKey("report")
REPORT_ROWS = dg.AssetKey(["staging", "report_rows"])

defs = definitions()
PIPELINE = Pipeline(*settings.read_all(), manifest.read(settings.read_all()[0]))
MANIFEST = PIPELINE.manifest
STREAMS, RATES = PIPELINE.stream_specs(), PIPELINE.rates_spec()


def test_the_code_location_is_valid_by_dagsters_own_check() -> None:
    """What `dg check defs` does, without its 16 packages and a second process."""
    dg.Definitions.validate_loadable(defs)


def test_importing_it_reads_nothing_and_runs_nothing() -> None:
    script = (
        "import os, sys; before = dict(os.environ)\n"
        "ours = lambda what: any(name in str(what) for name in ('dbt', 'meltano'))\n"
        "sys.addaudithook(lambda event, what: event == 'subprocess.Popen' and ours(what) and os._exit(1))\n"
        "import orchestration.definitions\n"
        "assert dict(os.environ) == before, 'read .env'"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


@pytest.fixture(scope="module")
def graph() -> AssetGraph:
    return defs.resolve_asset_graph()


# What the report's marts only wait for, so that they are of one build.
FOR_ORDER = {dg.AssetKey(["staging", name]) for name in ("int_tax",)}


def upstream(graph: AssetGraph, key: dg.AssetKey) -> set[dg.AssetKey]:
    found: set[dg.AssetKey] = set()
    todo = [key]
    while todo:
        parents = graph.get(todo.pop()).parent_keys - found - FOR_ORDER
        found |= parents
        todo += parents
    return found


class TestLineage:
    def test_every_stream_of_the_tap_is_an_asset(self) -> None:
        assert set(STREAMS) == {source.name for source in SOURCES} | {"extractions"}

    def test_it_is_unbroken_from_the_streams_to_the_report(self, graph: AssetGraph) -> None:
        ancestors = upstream(graph, REPORT)
        assert REPORT_ROWS in ancestors
        roots = {
            key.path[-1] for key in ancestors if not graph.get(key).parent_keys and key.path[0] == "sevdesk"
        }
        assert {"invoices", "credit_notes", "contacts", "extractions"} <= roots

    def test_dbts_exposure_names_the_marts_that_the_report_reads(self) -> None:
        nodes = MANIFEST["nodes"]
        exposure = MANIFEST["exposures"]["exposure.sevdesk.report"]
        read = {
            parent
            for node in nodes.values()
            if node["resource_type"] == "model" and node["fqn"][1] == "report"
            for parent in node["depends_on"]["nodes"]
            if nodes[parent]["schema"] == "analytics"
        }
        assert set(exposure["depends_on"]["nodes"]) == read

    def test_nothing_but_streams_and_seeds_comes_from_nowhere(self, graph: AssetGraph) -> None:
        roots = {key for key in graph.get_all_asset_keys() if not graph.get(key).parent_keys}
        seeds = {
            dg.AssetKey([node["config"]["schema"], node["name"]])
            for node in MANIFEST["nodes"].values()
            if node["resource_type"] == "seed"
        }
        assert roots <= {spec.key for spec in STREAMS.values()} | seeds | {webhook_events.KEY, RATES.key}

    def test_every_asset_can_be_executed_and_has_a_group_and_a_description(self, graph: AssetGraph) -> None:
        for key in graph.get_all_asset_keys():
            node = graph.get(key)
            assert node.is_executable or key == webhook_events.KEY, key
            assert node.group_name in {
                "sevdesk",
                "ecb",
                "published",
                "staging",
                "intermediate",
                "analytics",
                "report",
            }, key
            assert node.description, key

    def test_the_rules_of_dbt_are_checks_of_its_models(self, graph: AssetGraph) -> None:
        """One that reads many models is a check of the model that it names."""
        assert {(key.asset_key.path[-1], key.name) for key in graph.asset_check_keys} >= {
            ("invoices_stg", "keys_of_staging"),
            ("int_documents_billed", "keys_of_candidates"),
            ("invoices_summary", "keys_of_marts"),
            ("invoices_summary", "totals_of_marts"),
        }


class TestJobs:
    @pytest.mark.parametrize(
        ("name", "full", "minutes", "limit"), [("hourly", False, 45, 3300), ("nightly", True, 300, 21600)]
    )
    def test_both_do_everything_and_only_the_nightly_one_reads_everything(
        self, name: str, full: bool, minutes: int, limit: int
    ) -> None:
        job = defs.resolve_job_def(name)
        assert {node.name for node in job.nodes} == {"pipeline"}
        config = (job.run_config or {})["ops"]["pipeline"]["config"]
        assert config == {"full": full, "minutes": minutes, "always": full}, "nightly builds anyway"
        assert job.run_tags["dagster/max_runtime"] == str(limit)
        assert minutes * 60 < limit

    def test_all_that_touches_the_warehouse_is_in_the_pool_of_one(self) -> None:
        for name in ("hourly", "nightly"):
            assert all(node.definition.pools == {"warehouse"} for node in defs.resolve_job_def(name).nodes)


class TestSchedules:
    @pytest.mark.parametrize("name", ["hourly", "nightly", "housekeeping"])
    def test_they_run_without_being_switched_on_by_berlin_time(self, name: str) -> None:
        schedule = defs.resolve_schedule_def(f"{name}_schedule")
        assert schedule.default_status == dg.DefaultScheduleStatus.RUNNING
        assert schedule.execution_timezone == "Europe/Berlin"
        assert schedule.job.name == name

    def test_a_tick_asks_for_no_run_while_one_is_waiting(self, monkeypatch: pytest.MonkeyPatch) -> None:
        schedule = defs.resolve_schedule_def("hourly_schedule")
        asked: list[dg.RunsFilter] = []
        waiting: list[object] = []

        def get_runs(_self: object, of: dg.RunsFilter, **_: object) -> list[object]:
            asked.append(of)
            return waiting

        monkeypatch.setattr(dg.DagsterInstance, "get_runs", get_runs)
        with dg.instance_for_test() as instance, dg.build_schedule_context(instance=instance) as context:
            assert len(schedule.evaluate_tick(context).run_requests or ()) == 1
            waiting.append("a run")
            assert not schedule.evaluate_tick(context).run_requests
        assert asked[0] == dg.RunsFilter(job_name="hourly", statuses=[dg.DagsterRunStatus.QUEUED])


PASSING = ReadError("the server answered 503, 6 times.", transient=True)
LASTING = ReadError("sevDesk refused the API token (401).", transient=False)


class TestRetries:
    def test_what_may_pass_is_tried_again_for_longer_than_meltanos_lock_lasts(self) -> None:
        found = [verdict(PASSING, attempt, watched=False) for attempt in range(4)]
        retries = [retry.seconds_to_wait for retry in found if isinstance(retry, dg.RetryRequested)]
        assert retries == [60, 120, 240]
        assert isinstance(found[3], dg.Failure)
        assert found[3].description == "the server answered 503, 6 times."

    def test_what_a_person_must_mend_is_not(self) -> None:
        assert isinstance(verdict(LASTING, 0, watched=False), dg.Failure)

    def test_nobody_who_is_watching_is_kept_waiting(self) -> None:
        assert isinstance(verdict(PASSING, 0, watched=True), dg.Failure)


class TestReading:
    """The op around the read, with a read that does as it is told."""

    @pytest.fixture(autouse=True)
    def alone(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(build_state, "path_of", lambda _: tmp_path / "state.json")
        monkeypatch.setattr(warehouse, "identity", lambda *_: "here")
        monkeypatch.setattr(Dbt, "begin_to_parse", lambda _: None)

    @staticmethod
    def materialize(
        monkeypatch: pytest.MonkeyPatch,
        *outcomes: RunLog | ReadError,
        full: bool = False,
        tags: dict[str, str] | None = None,
        also: Sequence[dg.AssetKey] = (),
    ) -> dg.ExecuteInProcessResult:
        left = list(outcomes)

        def read(*_: object, **__: object) -> RunLog:
            if isinstance(outcome := left.pop(0), ReadError):
                raise outcome
            return outcome

        monkeypatch.setattr(meltano, "read", read)
        monkeypatch.setattr(load, "read_rates", lambda *_, **__: 31)
        monkeypatch.setattr(failure, "FIRST_DELAY", 0)
        result = dg.materialize(
            [assets(PIPELINE, Lineage.to_see(MANIFEST))],
            selection=[RATES.key, *(spec.key for spec in STREAMS.values()), *also],
            run_config=dg.RunConfig(ops={"pipeline": run.Config(full=full)}),
            tags=tags,
            raise_on_error=False,
        )
        assert not left
        return result

    @staticmethod
    def shown(result: dg.ExecuteInProcessResult) -> dict[dg.AssetKey, Any]:
        return {
            event.asset_key: event.materialization.metadata
            for event in result.get_asset_materialization_events()
            if event.asset_key
        }

    def test_every_stream_read_in_full_shows_its_rows(self, monkeypatch: pytest.MonkeyPatch) -> None:
        log = RunLog(rows=Counter(invoices=7), seconds={"invoices": 1.26})
        shown = self.shown(self.materialize(monkeypatch, log, full=True))
        assert set(shown) == {RATES.key, *(spec.key for spec in STREAMS.values())}
        assert shown[RATES.key] == {"rows": dg.IntMetadataValue(31)}
        assert shown[dg.AssetKey(["sevdesk", "invoices"])] == {
            "rows": dg.IntMetadataValue(7),
            "seconds": dg.FloatMetadataValue(1.3),
        }
        assert shown[dg.AssetKey(["sevdesk", "tags"])]["rows"] == dg.IntMetadataValue(0)

    def test_a_stream_that_brought_nothing_was_not_made_anew(self, monkeypatch: pytest.MonkeyPatch) -> None:
        shown = self.shown(self.materialize(monkeypatch, RunLog(rows=Counter(invoices=7))))
        assert set(shown) == {RATES.key, dg.AssetKey(["sevdesk", "invoices"])}

    def test_what_the_tap_says_at_the_end_of_a_stream_is_shown_to_be_plotted(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        log = RunLog(requests={"invoices": 4, "parts": 1}, complete={"invoices"})
        shown = self.shown(self.materialize(monkeypatch, log, full=True))
        whole, part = (shown[dg.AssetKey(["sevdesk", name])] for name in ("invoices", "parts"))
        assert (whole["requests"].value, whole["complete"].value) == (4, 1)
        assert (part["requests"].value, part["complete"].value) == (1, 0)

    def test_the_reason_for_everybody_is_kept_apart_from_the_engineers(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        error = ReadError("Binder Error: \x1b[2J'Erika'", transient=False, public="It was not taken.")
        result = self.materialize(monkeypatch, error)
        (failed,) = [event.step_failure_data for event in result.all_events if event.is_step_failure]
        assert failed.user_failure_data is not None
        assert failed.user_failure_data.description == "Binder Error: [2J'Erika'", "no control characters"
        assert failed.user_failure_data.metadata[failure.PUBLIC].value == "It was not taken."
        assert failed.user_failure_data.metadata[failure.STAGE].value == "sevdesk"

    def test_a_failure_that_passes_is_survived(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert self.materialize(monkeypatch, PASSING, PASSING, RunLog()).success

    def test_a_watched_run_fails_at_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert not self.materialize(monkeypatch, PASSING, tags={FOREGROUND: "true"}).success

    @pytest.mark.parametrize(
        ("error", "said"),
        [
            (LASTING, ["sevDesk refused the API token (401)."]),
            (ReadError(meltano.ANOTHER_READS, transient=True), []),
        ],
    )
    def test_the_page_says_why_it_is_not_updated_unless_another_run_is_doing_it(
        self, monkeypatch: pytest.MonkeyPatch, error: ReadError, said: list[str]
    ) -> None:
        stopped: list[str] = []
        monkeypatch.setattr(build_state, "load_rows", lambda _: [{"part": "report_status"}])
        monkeypatch.setattr(page, "make", lambda *_, **options: stopped.append(options["stopped"]))
        assert not self.materialize(monkeypatch, error, tags={FOREGROUND: "true"}, also=[page.KEY]).success
        assert stopped == said

    def test_the_reason_of_a_failure_is_the_sentence_of_the_tap(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        result = self.materialize(monkeypatch, LASTING)
        (failed,) = [event.step_failure_data for event in result.all_events if event.is_step_failure]
        assert failed.user_failure_data is not None
        assert failed.user_failure_data.description == "sevDesk refused the API token (401)."


class TestSnapshots:
    """What the code location holds, line by line; `pytest --snapshot-update` after a wanted change."""

    def test_assets(self, graph: AssetGraph, snapshot: SnapshotAssertion) -> None:
        lines = []
        for key in sorted(graph.get_all_asset_keys()):
            node = graph.get(key)
            parents = ", ".join(sorted(parent.to_user_string() for parent in node.parent_keys))
            lines.append(
                f"{key.to_user_string()} [{node.group_name}; {', '.join(sorted(node.kinds))}]"
                f"{' <- ' if parents else ''}{parents}"
            )
        assert "\n".join(lines) == snapshot

    def test_jobs_and_schedules(self, snapshot: SnapshotAssertion) -> None:
        jobs = [
            f"{job.name}: {', '.join(sorted(node.name for node in job.nodes))} {dict(job.tags)}"
            for job in defs.resolve_all_job_defs()
            if not job.name.startswith("__")
        ]
        schedules = [
            f"{name}_schedule: {schedule.cron_schedule} {schedule.execution_timezone} {schedule.job_name}"
            for name in ("hourly", "nightly", "housekeeping")
            for schedule in [defs.resolve_schedule_def(f"{name}_schedule")]
        ]
        assert "\n".join([*sorted(jobs), *schedules]) == snapshot

    def test_sensors(self, snapshot: SnapshotAssertion) -> None:
        mail = {"ALERT_EMAIL_TO": "a@x.de", "ALERT_EMAIL_FROM": "b@x.de", "SMTP_HOST": "mail.x.de"}
        problems: list[str] = []
        found = settings.read({"SLACK_WEBHOOK_URL": "https://slack.example/x", **mail}, problems)
        assert not problems
        sensors = [*alerts.sensors(found), webhook_events.sensor(jobs.HOURLY)]
        assert (
            "\n".join(
                f"{sensor.name}: {sensor.default_status.value}, {sensor.minimum_interval_seconds} s, "
                f"{', '.join(target.job_name for target in sensor.targets)}"
                for sensor in sensors
            )
            == snapshot
        )
