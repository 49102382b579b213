"""One `meltano run`: what a person sees of it, what is counted, and what is said when it fails."""

import json
import logging
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from tap_sevdesk.streams import SOURCES

from orchestration.environment import ROOT, Environment
from orchestration.meltano import run as meltano
from orchestration.meltano.lock import only_one
from orchestration.meltano.log import RunLog
from orchestration.meltano.run import ReadError, read

LOCAL = Environment("local", "target-duckdb")


def event(text: str, level: str = "info", who: str | None = None, **more: Any) -> str:
    entry: dict[str, Any] = {"event": text, "level": level, **more}
    if who:
        entry |= {"string_id": who, "plugin_logger": f"{who}.something"}
    return json.dumps(entry)


def metric(name: str, value: float, stream: str, **tags: bool) -> str:
    return event(
        "METRIC",
        who="tap-sevdesk",
        metric_info={"metric": name, "value": value, "tags": {"stream": stream, **tags}},
    )


def ended(**codes: int) -> str:
    return event("Block run completed", "error", success=False, err="failed", exit_codes=codes)


TAP_FAILED = ended(extractors=1)
LOADER_FAILED = ended(loaders=1)


def follow(*lines: str) -> tuple[RunLog, list[tuple[int, str]]]:
    log = RunLog()
    return log, [said for line in lines for said in log.follow(line)]


def reason(*lines: str) -> str:
    return follow(*lines)[0].reason(1, "target-duckdb")


class TestRows:
    def test_counts_of_a_stream_that_reports_several_times_add_up(self) -> None:
        log, said = follow(metric("record_count", 1000, "invoices"), metric("record_count", 234, "invoices"))
        assert log.rows["invoices"] == 1234
        assert said[-1] == (logging.INFO, f"{'invoices':<31}    1,234 rows")

    def test_a_stream_without_a_line_has_no_rows(self) -> None:
        assert follow()[0].rows["tags"] == 0

    def test_a_list_that_brought_nothing_takes_no_line(self) -> None:
        log, said = follow(metric("record_count", 0, "tags"))
        assert (log.rows["tags"], said, "tags" in log.rows) == (0, [], True)

    def test_what_the_loader_counts_is_not_counted_again(self) -> None:
        counted = metric("record_count", 7, "invoices")
        log, _ = follow(counted, counted.replace("tap-sevdesk", "target-snowflake"))
        assert log.rows["invoices"] == 7

    def test_the_duration_of_a_stream_is_kept_in_seconds(self) -> None:
        assert follow(metric("sync_duration", 2.5, "invoices"))[0].seconds == {"invoices": 2.5}


class TestWhatAPersonSees:
    def test_warnings_of_the_tap_and_errors_keep_their_level(self) -> None:
        _, said = follow(event("3 fields unknown", "warning", "tap-sevdesk"), event("broken", "error"))
        assert said == [(logging.WARNING, "tap-sevdesk: 3 fields unknown"), (logging.ERROR, "broken")]

    def test_the_chatter_of_meltano_and_of_the_sdk_stays_in_the_log_file(self) -> None:
        sdk = json.dumps(
            {
                "event": "unsorted",
                "level": "warning",
                "string_id": "tap-sevdesk",
                "plugin_logger": "singer_sdk",
            }
        )
        _, said = follow(event("Reading state"), event("No state was found", "warning"), sdk)
        assert said == []


class TestReason:
    def test_the_first_error_is_the_cause_and_the_last_says_what_it_means(self) -> None:
        assert (
            reason(
                event("sevDesk refused the API token (401).", "error", "tap-sevdesk"),
                event("Not everything was read: invoices failed.", "error", "tap-sevdesk"),
                event("Extractor failed", "error"),
                TAP_FAILED,
            )
            == "sevDesk refused the API token (401). Not everything was read: invoices failed."
        )

    def test_of_many_errors_only_the_first_and_the_last_are_reported(self) -> None:
        lines = [event(f"error {number}.", "error", "tap-sevdesk") for number in range(20)]
        assert reason(*lines, TAP_FAILED) == "error 0. error 19."

    def test_a_failed_loader_is_the_reason_even_when_the_tap_complains_of_it(self) -> None:
        assert (
            reason(
                event("The program that reads the records has stopped.", "error", "tap-sevdesk"),
                event("warehouse.duckdb is in use by another program.", "error", "target-duckdb"),
                LOADER_FAILED,
            )
            == "warehouse.duckdb is in use by another program."
        )

    def test_a_loader_without_levels_has_said_it_last(self) -> None:
        plain = event("the disk is full", string_id="target-duckdb")
        assert reason(plain, LOADER_FAILED) == "the disk is full"

    def test_wrong_settings_are_reported_all_together(self) -> None:
        assert (
            reason(
                event("There is no setting 'api_tokn'.", "error", "tap-sevdesk"),
                event("page_size must be 1 to 1000.", "error", "tap-sevdesk"),
                event("Config validation failed", "error", "tap-sevdesk"),
                TAP_FAILED,
            )
            == "The settings of tap-sevdesk are not usable: There is no setting 'api_tokn'; "
            "page_size must be 1 to 1000. See .env.example and meltano.yml."
        )

    def test_a_crash_is_reported_by_its_exception(self) -> None:
        crash = event(
            "Unhandled", "error", "tap-sevdesk", plugin_exception={"type": "KeyError", "message": "'id'"}
        )
        assert reason(crash, TAP_FAILED) == "KeyError: 'id'"

    def test_a_traceback_is_reported_by_its_last_line(self) -> None:
        text = "Cannot start\nTraceback (most recent call last):\n  File x\nModuleNotFoundError: No module\n"
        assert reason(event(text, "error")) == "ModuleNotFoundError: No module"

    def test_what_is_not_json_counts_when_there_is_nothing_else(self) -> None:
        assert reason("Need help fixing this problem?", "meltano.yml is no YAML") == "meltano.yml is no YAML"

    def test_silence_is_named_with_the_exit_code(self) -> None:
        assert reason() == "meltano ended without a reason (1): it was killed, or memory ran out."

    def test_what_programs_say_of_their_own_work_is_no_reason(self) -> None:
        chatter = [
            event("Meltano 4.4.1, Python 3.11.7, Linux (x86_64)"),
            event("Skipping parse of env var settings...", who="tap-sevdesk"),
        ]
        assert reason(*chatter).startswith("meltano ended without a reason")
        assert reason(*chatter, TAP_FAILED).startswith("tap-sevdesk ended without a reason")


class TestPublicReason:
    """What everybody may read: the tap's own sentences, nobody else's words."""

    @staticmethod
    def of(*lines: str) -> str:
        return follow(*lines)[0].public_reason(1, "target-duckdb")

    def test_of_what_the_tap_says_the_first_sentence(self) -> None:
        told = event("sevDesk refused the API token (401). Check api_token.", "error", "tap-sevdesk")
        assert self.of(told, TAP_FAILED) == "sevDesk refused the API token (401)."

    def test_settings_are_called_as_the_user_has_them(self) -> None:
        told = event("Nothing came: is api_url right? Check api_token", "error", "tap-sevdesk")
        assert self.of(told, TAP_FAILED).startswith("Nothing came: is SEVDESK_API_URL right")
        assert "SEVDESK_API_KEY" in follow(told)[0].last["tap-sevdesk"]

    def test_a_loaders_words_may_quote_the_data(self) -> None:
        told = event("Conversion failed: 'Erika Mustermann'", "error", "target-duckdb")
        assert self.of(told, LOADER_FAILED) == "The warehouse did not take the data (target-duckdb failed)."

    def test_so_may_those_of_a_crash_and_of_meltano(self) -> None:
        crash = event(
            "Unhandled", "error", "tap-sevdesk", plugin_exception={"type": "KeyError", "message": "'Erika'"}
        )
        general = "The program that reads sevDesk could not do its work; an engineer has to look."
        assert self.of(crash, TAP_FAILED) == general
        assert self.of(event("password 'x' refused", "error")) == general


class TestMeasures:
    def test_requests_and_completeness_of_a_stream_are_those_of_the_taps_metrics(self) -> None:
        log, _ = follow(
            metric("http_request_count", 3, "invoices", complete=True),
            metric("http_request_count", 1, "parts", complete=False),
        )
        assert log.measured("invoices") == {"rows": 0, "seconds": 0.0, "requests": 3, "complete": 1}
        assert log.measured("parts") == {"rows": 0, "seconds": 0.0, "requests": 1, "complete": 0}
        assert log.measured("extractions") == {"rows": 0, "seconds": 0.0}

    def test_a_list_is_complete_only_if_the_tap_says_so(self) -> None:
        log, _ = follow(
            metric("record_count", 3, "invoices"),
            metric("http_request_count", 3, "invoices", complete=True),
            metric("http_request_count", 1, "parts", complete=False),
            metric("http_request_count", 1, "tags"),
        )
        assert log.complete == {"invoices"}


class TestTransient:
    @pytest.mark.parametrize(
        "told",
        [
            "sevDesk refused the API token (401).",
            "sevDesk forbids the request (403).",
            "Config validation failed",
            "Cannot start plugin target-snowflake: not installed",
        ],
    )
    def test_what_a_person_must_mend_is_not_tried_again(self, told: str) -> None:
        assert not follow(event(told, "error", "tap-sevdesk"))[0].transient

    @pytest.mark.parametrize("told", ["the server answered 503, 6 times.", "4015 rows are missing"])
    def test_everything_else_is(self, told: str) -> None:
        assert follow(event(told, "error", "tap-sevdesk"))[0].transient


def fake(tmp_path: Path, code: str) -> Path:
    """Make a stand-in for the program meltano that runs `code`."""
    program = tmp_path / "meltano"
    program.write_text(f"#!{sys.executable}\nimport json, os, sys, time\n{code}\n")
    program.chmod(0o755)
    return program


def run(tmp_path: Path, code: str, *, timeout: float = 30, **options: Any) -> RunLog:
    program = fake(tmp_path, code)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(meltano, "program", lambda _name: program)
        return read(LOCAL, lambda _level, _text: None, timeout=timeout, root=tmp_path, **options)


TELL_ARGUMENTS = "open('told', 'w').write(json.dumps([sys.argv[1:], dict(os.environ)]))"


@pytest.mark.parametrize(("full", "flags"), [(False, []), (True, ["--full-refresh"])])
def test_a_full_read_is_a_run_without_bookmarks_and_none_is_ever_forced(
    tmp_path: Path, full: bool, flags: list[str]
) -> None:
    run(tmp_path, TELL_ARGUMENTS, full=full)
    arguments, environment = json.loads((tmp_path / "told").read_text())
    assert arguments == [
        "--env-file=/dev/null",
        "--log-format=json",
        "run",
        *flags,
        "tap-sevdesk",
        "target-duckdb",
    ]
    assert environment["MELTANO_ENVIRONMENT"] == "local"


def test_rows_are_those_of_the_log_which_is_kept_whole(tmp_path: Path) -> None:
    log = run(tmp_path, f"print({metric('record_count', 7, 'invoices')!r})\nprint('chatter')")
    assert log.rows == {"invoices": 7}
    assert (tmp_path / "logs" / "meltano.log").read_text().splitlines()[-1] == "chatter"


def test_a_failed_run_raises_its_reason(tmp_path: Path) -> None:
    line = event("the server answered 503, 6 times.", "error", "tap-sevdesk")
    with pytest.raises(ReadError, match=r"^the server answered 503, 6 times\.$") as failure:
        run(tmp_path, f"print({line!r})\nprint({TAP_FAILED!r})\nsys.exit(1)")
    assert failure.value.transient


def test_bookmarks_that_cannot_be_read_are_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / ".meltano").mkdir()
    database = tmp_path / ".meltano" / "meltano.db"
    database.write_bytes(b"no database" * 100)
    line = event("Failed to initialize database: (sqlite3.DatabaseError) file is not a database", "error")
    with pytest.raises(ReadError) as failure:
        run(tmp_path, f"print({line!r})\nsys.exit(1)")
    assert str(failure.value) == (
        f"Meltano's bookmarks, {database}, cannot be used (file is not a database). "
        "Move it away: only the bookmarks are lost, and the next run reads everything."
    )
    assert not failure.value.transient


@pytest.mark.parametrize(("tap", "what"), [("tap-sevdesk", "sevDesk"), ("tap-ecb", "tap-ecb")])
def test_a_run_over_its_time_is_stopped_and_not_tried_again(tmp_path: Path, tap: str, what: str) -> None:
    with pytest.raises(ReadError, match=f"^Reading {what} was stopped after 0 minutes, its limit") as failure:
        run(tmp_path, "time.sleep(60)", timeout=0.5, tap=tap)
    assert not failure.value.transient


def test_of_two_reads_at_once_the_second_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meltano, "PATIENCE_SECONDS", 0.2)
    with (
        only_one(tmp_path / ".meltano" / "run" / "orchestration.lock"),
        pytest.raises(ReadError, match="Another run is reading sevDesk right now") as failure,
    ):
        run(tmp_path, "")
    assert failure.value.transient


def test_the_lock_is_free_when_a_read_is_over(tmp_path: Path) -> None:
    run(tmp_path, "")
    run(tmp_path, "")


def test_a_token_that_a_killed_run_left_in_a_file_is_gone_before_the_next_run_starts(tmp_path: Path) -> None:
    left = tmp_path / ".meltano" / "run" / "tap-sevdesk" / "tap.0b1c.config.json"
    left.parent.mkdir(parents=True)
    left.write_text('{"api_token": "0123456789abcdef0123456789abcdef"}')
    kept = left.with_name("tap.properties.json")
    kept.touch()
    run(tmp_path, f"sys.exit(os.path.exists({str(left)!r}))")
    assert kept.exists()


def test_what_the_project_leaves_out_is_what_the_tap_leaves_to_a_choice() -> None:
    meltano_yml = yaml.safe_load((ROOT / "meltano.yml").read_text("utf-8"))
    taps = {plugin["name"]: plugin for plugin in meltano_yml["plugins"]["extractors"]}
    by_choice = {f"!{source.name}.{name}" for source in SOURCES for name in source.not_by_default}
    assert by_choice
    assert set(taps["tap-sevdesk"]["select"]) == {"*.*", *by_choice}
