"""dbt: what is said of its runs, when the manifest is made again, how rows come back."""

import json
import os
import re
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from dbt.adapters.factory import FACTORY

from orchestration.dbt import manifest
from orchestration.dbt.events import DbtLog
from orchestration.dbt.manifest import SETTINGS_IN_MODELS, ManifestError
from orchestration.dbt.run import Dbt, DbtError, release
from orchestration.environment import Environment

LOCAL = Environment("local", "target-duckdb")


def result(
    name: str, status: str, kind: str = "test", rows: int | None = None, **meta: str
) -> dict[str, Any]:
    return {
        "info": {"name": f"Log{kind.title()}Result", "level": "info", "msg": name},
        "data": {
            "node_info": {"node_name": name, "node_status": status, "resource_type": kind, "meta": meta},
            "num_failures": rows,
        },
    }


def error(message: str) -> dict[str, Any]:
    return {"info": {"name": "MainEncounteredError", "level": "error", "msg": message}, "data": {}}


def said(message: str) -> dict[str, Any]:
    return {"info": {"name": "JinjaLogInfo", "level": "info", "msg": message}, "data": {}}


def log_of(*events: dict[str, Any]) -> DbtLog:
    log = DbtLog()
    for event in events:
        log.follow(event)
    return log


class TestWhatIsSaid:
    def test_the_summary_counts_models_and_rules_and_names_those_that_warn(self) -> None:
        log = log_of(
            result("invoices_stg", "success", "model"),
            result("exchange_rates", "success", "seed"),
            result("unique_id", "pass"),
            result("rate_is_recent", "warn", rows=12),
        )
        assert log.summary() == (
            "2 models built, 2 rules checked, 1 of them with a warning:\nrate_is_recent (12 rows)"
        )

    def test_a_broken_rule_is_named(self) -> None:
        assert log_of(result("cities_equal_summary", "fail", rows=1)).reason(1) == (
            "The figures break 1 rule: cities_equal_summary (1 rows)."
        )

    def test_the_documents_that_break_a_rule_are_named_in_the_console_and_not_in_public(self) -> None:
        log = log_of(
            result("unique_id", "fail", rows=2),
            said("unique_id: RE-1, RE-2"),
            result("odd", "warn", rows=1),
            said("odd: 7"),
        )
        assert (
            log.reason(1) == "The figures break 1 rule: unique_id (2 rows).\nunique_id (2 rows): RE-1, RE-2"
        )
        assert log.public_reason(1) == "The figures break 1 rule: unique_id (2 rows)."
        assert log.summary().endswith("\nodd (1 rows): 7")

    def test_a_refusal_to_publish_is_its_own_sentence(self) -> None:
        log = log_of(
            result("int_release", "error", "model"),
            error(
                "Compilation Error in model int_release (models/intermediate/int_release.sql)\n"
                "  50 of 101 documents are gone: run `make accept-deletes`.\n"
                "  \n  > in macro refuse_many_deletes (macros/refusals.sql)"
            ),
        )
        assert (
            log.reason(1)
            == log.public_reason(1)
            == "50 of 101 documents are gone: run `make accept-deletes`."
        )

    def test_of_many_broken_rules_three_are_named(self) -> None:
        log = log_of(*(result(f"rule_{number}", "fail") for number in range(5)))
        assert log.reason(1) == "The figures break 5 rules: rule_0, rule_1, rule_2 and 2 more."

    def test_a_model_that_cannot_be_built_is_named_with_its_reason(self) -> None:
        log = log_of(
            result("invoices_stg", "error", "model"),
            error("Database Error in model\n  Binder Error: no column zip\n\n"),
        )
        assert log.reason(1) == (
            "dbt could not build invoices_stg: Database Error in model Binder Error: no column zip"
        )

    def test_a_locked_warehouse_is_reported_by_who_holds_it(self) -> None:
        lock = 'IO Error: Could not set lock on file "w.duckdb": Conflicting lock is held in x (PID 17)'
        assert log_of(error(lock)).reason(2) == (
            "The warehouse file is open in process 17. Close it there, then run again."
        )

    def test_everybody_reads_what_could_not_be_built_but_not_in_the_warehouses_words(self) -> None:
        log = log_of(result("invoices_stg", "error", "model"), error("Conversion Error: 'Erika'"))
        assert log.public_reason(1) == "dbt could not build invoices_stg."
        assert log_of(error("Runtime Error 'Erika'")).public_reason(2) == "dbt ended with exit code 2."

    def test_a_rule_about_the_reading_stops_nothing_unless_another_is_broken(self) -> None:
        reading = result("counts_agree", "fail", rows=2, about="reading")
        assert log_of(reading).only_the_reading_failed(1)
        assert "warning:\ncounts_agree (2 rows)" in log_of(reading).summary()
        assert not log_of(reading, result("unique_id", "fail")).only_the_reading_failed(1)
        assert not log_of(reading, result("invoices", "error", "model")).only_the_reading_failed(1)
        assert not log_of(reading).only_the_reading_failed(2), "dbt did not come to its end"
        assert not log_of().only_the_reading_failed(1)

    def test_a_rule_about_the_reading_that_cannot_be_checked_stops_as_any_other(self) -> None:
        log = log_of(result("counts_agree", "error", about="reading"))
        assert not log.only_the_reading_failed(1)
        assert log.public_reason(1) == "The figures break 1 rule: counts_agree."

    def test_silence_is_reported_by_the_exit_code(self) -> None:
        assert log_of().reason(2) == "dbt ended with exit code 2: it said nothing."


# Stands in for dbt: writes a manifest, fails when told to.
FAKE_DBT = f"""#!{sys.executable}
import json, pathlib, sys, time
target = pathlib.Path(sys.argv[sys.argv.index("--target-path") + 1])
target.mkdir(parents=True, exist_ok=True)
if pathlib.Path("models/broken.sql").exists():
    print(pathlib.Path("models/broken.sql").read_text())
    sys.exit(2)
if "parse" in sys.argv:
    made = target / "made"
    made.write_text(str(int(made.read_text()) + 1) if made.exists() else "1")
    whole = "--no-partial-parse" in sys.argv
    with (target / "manifest.json").open("w") as file:
        file.write("{{")
        file.flush()
        time.sleep(0.2)
        file.write(f'"made": {{made.read_text()}}, "whole": {{json.dumps(whole)}}' + "}}")
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    program = tmp_path / "dbt"
    program.write_text(FAKE_DBT)
    program.chmod(0o755)
    monkeypatch.setattr(manifest, "program", lambda _name: program)
    (tmp_path / "transform" / "models").mkdir(parents=True)
    (tmp_path / "transform" / "models" / "a.sql").write_text("select 1")
    return tmp_path / "transform"


def times_made(project: Path) -> int:
    return int(json.loads(manifest.prepare(LOCAL, project).read_text())["made"])


class TestManifest:
    def test_it_is_made_once(self, project: Path) -> None:
        assert [times_made(project), times_made(project)] == [1, 1]

    def test_processes_that_start_together_make_one(self, project: Path) -> None:
        with ThreadPoolExecutor(4) as together:
            assert list(together.map(times_made, [project] * 4)) == [1, 1, 1, 1]

    def test_it_is_made_of_everything(self, project: Path) -> None:
        """Parsing only what changed, dbt misses what a changed macro refers to in a hook: the build fails."""
        assert json.loads(manifest.prepare(LOCAL, project).read_text())["whole"] is True

    def test_it_is_made_anew_when_a_file_has_changed_whatever_its_time(self, project: Path) -> None:
        """An earlier version that is put back may bring back its old times."""
        assert times_made(project) == 1
        (project / "models" / "a.sql").write_text("select 2")
        an_hour_ago = time.time() - 3600
        os.utime(project / "models" / "a.sql", (an_hour_ago, an_hour_ago))
        assert times_made(project) == 2

    def test_it_is_made_anew_when_a_file_is_gone(self, project: Path) -> None:
        assert times_made(project) == 1
        (project / "models" / "a.sql").unlink()
        assert times_made(project) == 2

    @pytest.mark.parametrize("damaged", ["", "{", "[]", "{}"])
    def test_a_damaged_one_is_made_anew(
        self, project: Path, damaged: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(manifest, "READ", {"made"})  # as the stand-in writes no more of one
        manifest.prepare(LOCAL, project).write_text(damaged)
        assert manifest.read(LOCAL, project)["made"] == 2

    def test_each_environment_has_its_own(self, project: Path) -> None:
        elsewhere = manifest.prepare(Environment("prod", "target-snowflake"), project)
        assert manifest.prepare(LOCAL, project) != elsewhere

    @pytest.mark.parametrize(
        "said",
        ["not an event of dbt", "[ERROR] \nTraceback (most recent call last):\n  f()\nnot an event of dbt"],
    )
    def test_a_project_that_does_not_parse_leaves_the_old_one_and_says_why(
        self, project: Path, said: str
    ) -> None:
        assert times_made(project) == 1
        (project / "models" / "broken.sql").write_text(said)
        with pytest.raises(ManifestError, match=r"does not parse: not an event of dbt$"):
            manifest.prepare(LOCAL, project)
        assert json.loads(manifest.manifest_path(LOCAL, project).read_text()) == {"made": 1, "whole": True}

    def test_a_parse_over_its_time_is_stopped_and_says_so(
        self, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(manifest, "PARSE_TIMEOUT", 0.1)
        with pytest.raises(ManifestError, match="does not parse: dbt was stopped after 0 minutes, its limit"):
            manifest.prepare(LOCAL, project)


def test_other_files_are_another_version_and_other_times_are_not(project: Path) -> None:
    before = manifest.checksum({}, project)
    os.utime(project / "models" / "a.sql")
    assert manifest.checksum({}, project) == before
    (project / "seeds").mkdir()
    (project / "seeds" / "rates.csv").write_text("1")
    with_seed = manifest.checksum({}, project)
    (project / "seeds" / "rates.csv").write_text("2")
    assert len({before, with_seed, manifest.checksum({}, project)}) == 3


def test_a_setting_that_models_hold_is_part_of_their_version(project: Path) -> None:
    assert manifest.checksum({"SEVDESK_START_DATE": "2024-01-01"}, project) != manifest.checksum({}, project)
    assert manifest.checksum({"COMPANY_NAME": "Lux"}, project) == manifest.checksum({}, project)
    macros = [file.read_text() for file in (manifest.PROJECT / "macros").glob("*.sql")]
    assert not re.search(
        r"env_var\(", "".join(m.read_text() for m in manifest.PROJECT.glob("models/**/*.sql"))
    )
    assert set(re.findall(r"env_var\('(\w+)'", "".join(macros))) == {*SETTINGS_IN_MODELS, "ACCEPT_DELETES"}


NUMBERS = "select hash(a.range, b.range) as n from range(3000000) as a, range(3000000) as b"  # takes hours


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dbt:
    """Return a project of one model, with the real dbt."""
    monkeypatch.setattr("orchestration.dbt.run.LOGS", tmp_path / "logs")
    (tmp_path / "dbt_project.yml").write_text("{name: small, version: '1.0', profile: small}")
    output = {"type": "duckdb", "path": str(tmp_path / "small.duckdb"), "threads": 1}
    profiles = {"small": {"target": "local", "outputs": {"local": output}}}
    (tmp_path / "profiles.yml").write_text(json.dumps(profiles))
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "one.sql").write_text("select 12345678901234567.89::decimal(20, 2) as amount")
    return Dbt(LOCAL, tmp_path)


def test_a_connection_that_is_busy_does_not_hide_why_a_run_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Busy:
        def cleanup_connections(self) -> None:
            raise RuntimeError("connection is busy with another call")

    monkeypatch.setattr(FACTORY, "adapters", {"duckdb": Busy()})
    release()


class TestInThisProcess:
    def test_a_model_is_built_and_its_amounts_come_back_as_the_text_they_are(self, small: Dbt) -> None:
        log = DbtLog()
        events = list(small.build([], timeout=120, log=log))
        assert log.summary() == "1 models built, 0 rules checked"
        assert any(event["info"]["name"] == "LogModelResult" for event in events)
        query = "select cast(amount as varchar) as amount from {{ ref('one') }}"
        assert small.rows(query) == [{"amount": "12345678901234567.89"}]
        kept = (small.project / "logs" / "dbt.log").read_text()
        assert '"LogModelResult"' in kept
        assert "12345678901234567.89" not in kept

    def test_a_project_that_does_not_parse_says_why(self, small: Dbt) -> None:
        (small.project / "models" / "one.sql").write_text("{% if")
        with pytest.raises(DbtError, match=r"dbt ended with exit code 2: .*one\.sql"):
            list(small.build([], timeout=120, log=DbtLog()))

    def test_a_statement_beyond_the_limit_is_interrupted(self, small: Dbt) -> None:
        table = "{{ config(materialized='table') }} "
        (small.project / "models" / "one.sql").write_text(f"{table}select sum(n) as n from ({NUMBERS})")
        small.begin_to_parse()
        with pytest.raises(DbtError, match="was stopped after 0 minutes, its limit"):
            list(small.build([], timeout=12, log=DbtLog()))
        assert not [thread for thread in threading.enumerate() if thread.name == "dbt build"]
