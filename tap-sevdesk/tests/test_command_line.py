"""The installed command: what a person types and what they read."""

import itertools
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sevdesk_sandbox import Sandbox
from tap_processes import TapProcesses
from tap_running import NOON, config_for, parse, run_tap

from tap_sevdesk.streams import SOURCES

COMMAND = Path(sys.executable).with_name("tap-sevdesk")


@pytest.fixture(scope="module")
def books() -> Iterator[Sandbox]:
    with Sandbox(firm=False, now=NOON) as sandbox:
        for i in range(3):
            sandbox.books.put("Tag", {"id": str(i)})
        yield sandbox


@pytest.fixture(scope="module")
def processes() -> Iterator[TapProcesses]:
    with TapProcesses() as it:
        yield it


class Shell:
    """Runs the tap with a configuration file."""

    def __init__(self, folder: Path, processes: TapProcesses) -> None:
        self.folder, self.processes = folder, processes

    def __call__(self, config: object, *arguments: str) -> tuple[int, list[dict[str, Any]], str, str]:
        """Return exit code, messages if there are some, standard output and standard error."""
        (self.folder / "config.json").write_text(config if isinstance(config, str) else json.dumps(config))
        out, err = self.folder / "out", self.folder / "err"
        code = self.processes.run(["--config", str(self.folder / "config.json"), *arguments], out, err)
        text = out.read_text()
        messages = parse(text.splitlines(keepends=True)) if text.startswith('{"') else []
        return code, messages, text, err.read_text()


@pytest.fixture
def shell(tmp_path: Path, processes: TapProcesses) -> Shell:
    return Shell(tmp_path, processes)


def said(err: str, level: str = "ERROR") -> list[str]:
    """Return what the tap logged at a level; what Python itself warns of depends on its age."""
    lines = [line.split(" | ", 3) for line in err.splitlines() if f"| {level}" in line]
    return [line[3] for line in lines if "py.warnings" not in line[2]]


@pytest.mark.parametrize("arguments", [["--discover"], ["--about"], ["--about", "--format=markdown"]])
def test_it_describes_itself_without_network_or_credentials(arguments: list[str]) -> None:
    nobody = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
    done = subprocess.run([COMMAND, *arguments], env=nobody, capture_output=True, text=True, check=True)
    assert "invoices" in done.stdout or "api_token" in done.stdout


def test_no_warning_of_python_is_shown_when_meltano_asks_for_all_of_them(
    books: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "config.json").write_text(json.dumps(config_for(books)))
    command: list[str | Path] = [COMMAND, "--config", tmp_path / "config.json"]
    for _ in ("everything", "with a state"):
        done = subprocess.run(
            command, env={"PYTHONWARNINGS": "once"}, capture_output=True, text=True, check=True
        )
        assert re.findall(r"tap_sevdesk/.*Warning.*", done.stderr) == []
        state = json.loads(done.stdout.splitlines()[-1])["value"]
        (tmp_path / "state.json").write_text(json.dumps(state))
        command += ["--state", tmp_path / "state.json"]


@pytest.mark.parametrize("system", ["1.0", "2.0"])
def test_test_says_in_one_sentence_that_the_token_works(books: Sandbox, shell: Shell, system: str) -> None:
    books.switches.set(system=system)
    code, _, out, err = shell(config_for(books), "--test")
    assert (code, out) == (0, f"The API token works; the account uses bookkeeping system {system}.\n")
    assert said(err) == []


def test_test_says_in_one_sentence_that_the_token_does_not_work(books: Sandbox, shell: Shell) -> None:
    code, _, out, err = shell({**config_for(books), "api_token": "f" * 32}, "--test")
    assert (code, out) == (1, "")
    assert len(said(err)) == 1
    assert said(err)[0].startswith("sevDesk refused the API token (401). Check api_token")


def test_test_schema_writes_the_schema_of_every_stream(books: Sandbox, shell: Shell) -> None:
    code, messages, _, _ = shell(config_for(books), "--test=schema")
    assert code == 0
    assert {message["type"] for message in messages} == {"SCHEMA"}
    assert [message["stream"] for message in messages] == [*(it.name for it in SOURCES), "extractions"]


def test_a_run_tells_each_stream_in_a_line_that_a_person_can_read(books: Sandbox, shell: Shell) -> None:
    code, messages, _, err = shell(config_for(books))
    assert code == 0
    assert messages[-1]["type"] == "STATE"
    message = [line for line in err.splitlines() if "tap-sevdesk.tags " in line]
    assert re.search(r"3 records, 1 requests, \d+\.\d s, everything$", message[-1])
    assert said(err, "WARNING") == said(err, "ERROR") == []
    assert "METRIC" not in err
    assert "{" not in err


def test_with_meltanos_logging_the_metrics_are_there_and_each_line_is_json(
    books: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "logging.yml").write_text(
        """
        version: 1
        disable_existing_loggers: false
        formatters: {structured: {(): singer_sdk.logging.StructuredFormatter}}
        handlers: {it: {class: logging.StreamHandler, formatter: structured, stream: ext://sys.stderr}}
        root: {level: INFO, handlers: [it]}
        """
    )
    monkeypatch.setenv("SINGER_SDK_LOG_CONFIG", str(tmp_path / "logging.yml"))
    (tmp_path / "config.json").write_text(json.dumps(config_for(books)))
    done = subprocess.run(
        [COMMAND, "--config", tmp_path / "config.json"], capture_output=True, text=True, check=True
    )
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    metrics = [line["metric_info"] for line in lines if line["message"] == "METRIC"]
    (requests,) = (
        each
        for each in metrics
        if each["metric"] == "http_request_count" and each["tags"]["stream"] == "contacts"
    )
    assert (requests["value"], requests["tags"]["complete"]) == (1, True)
    assert any(re.match(r"3 records, 1 requests", str(line["message"])) for line in lines)


def test_a_long_read_tells_its_progress(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("tap_sevdesk.stream.PROGRESS_EVERY", 0)
    caplog.set_level("INFO")
    with Sandbox(firm=False, now=NOON) as sandbox:
        for i in range(40):
            sandbox.books.put("Tag", {"id": str(i)})
        run_tap(sandbox, "tags", page_size=10)
    assert "15 of 40 rows read so far, 1 requests" in caplog.text


BAD: dict[str, tuple[Any, str]] = {
    "a token with a space": ({"api_token": "0123 4567"}, "api_token contains a space"),
    "no token": ({}, "api_token is missing"),
    "a misspelt setting": ({"api_token": "f" * 32, "pagesize": 1}, "did you mean 'page_size'?"),
    "no JSON": ("not json", "A file that was given is not JSON in UTF-8."),
}


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("mode", ["run", "--test"])
def test_bad_settings_end_in_a_sentence_and_exit_code_1(shell: Shell, kind: str, mode: str) -> None:
    config, sentence = BAD[kind]
    code, _, out, err = shell(config, *([] if mode == "run" else [mode]))
    assert (code, out) == (1, "")
    assert any(sentence in line for line in said(err))
    assert len(said(err)) <= 2
    assert "Traceback" not in err


def test_a_file_that_does_not_exist_ends_in_a_sentence(shell: Shell) -> None:
    code, _, _, err = shell({}, "--config", "/nowhere/config.json")
    assert code == 1
    (sentence,) = said(err)
    assert "/nowhere/config.json" in sentence
    assert "Traceback" not in err


@pytest.mark.parametrize("content", ['{"bookmarks": {}}'.encode("utf-16"), b"\x1f\x8b\x08\xff"])
def test_a_file_that_is_not_utf_8_is_said_to_be_no_json(books: Sandbox, shell: Shell, content: bytes) -> None:
    """PowerShell, for example, writes UTF-16 where a run is directed into a file."""
    (shell.folder / "state.json").write_bytes(content)
    code, _, out, err = shell(config_for(books), "--state", str(shell.folder / "state.json"))
    assert (code, out) == (1, "")
    assert said(err) == ["A file that was given is not JSON in UTF-8."]


def test_a_state_of_another_tap_ends_in_a_sentence(books: Sandbox, shell: Shell) -> None:
    (shell.folder / "state.json").write_text('{"bookmarks": {"users": {}}}')
    code, _, out, err = shell(config_for(books), "--state", str(shell.folder / "state.json"))
    assert (code, out) == (1, "")
    assert said(err) == ["The state belongs to another tap: none of its streams exists here (users)."]


def test_a_stream_that_fails_makes_the_exit_code_1_and_the_last_line_names_it(
    books: Sandbox, shell: Shell
) -> None:
    books.fail(path="/Part", status=422)
    code, messages, _, err = shell(config_for(books))
    assert code == 1
    assert said(err)[0].startswith("/Part: the server refused the request (422")
    assert said(err)[-1].startswith("Not everything was read: parts failed.")
    assert len([message for message in messages if message.get("stream") == "tags"]) == 4
    assert "Traceback" not in err


@pytest.mark.parametrize("lines", [0, 1, 2])
def test_a_target_that_stops_reading_ends_the_tap_in_a_sentence(tmp_path: Path, lines: int) -> None:
    with Sandbox(firm=False, now=NOON) as sandbox:
        for i in range(3000):  # more than a pipe holds
            sandbox.books.put("Tag", {"id": str(i), "name": "a name"})
        (tmp_path / "config.json").write_text(json.dumps(config_for(sandbox)))
        tap = subprocess.Popen(
            [COMMAND, "--config", tmp_path / "config.json"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert tap.stdout
        assert tap.stderr
        for _ in range(lines):
            tap.stdout.readline()
        tap.stdout.close()
        err = tap.stderr.read()
        assert tap.wait() == 1
    assert said(err) == ["The program that reads the records has stopped; see what it says."]
    assert "Traceback" not in err
    assert "Exception ignored" not in err


def test_at_most_so_many_requests_a_second_arrive_also_with_pages_in_flight() -> None:
    with Sandbox(firm=False, now=NOON) as sandbox:
        for i in range(60):
            sandbox.books.put("Tag", {"id": str(i)})
        run_tap(sandbox, "tags", page_size=6, requests_per_second=20, read_ahead=4)
        arrivals = [request.arrived for request in sandbox.log]
        assert len(arrivals) > 9
        assert arrivals[-1] - arrivals[0] >= (len(arrivals) - 1) / 20 - 0.05


def test_pages_are_in_flight_together_when_asked_for() -> None:
    with Sandbox(firm=False, now=NOON, latency_ms=50) as sandbox:
        for i in range(100):
            sandbox.books.put("Tag", {"id": str(i)})
        run = run_tap(sandbox, "tags", page_size=10, read_ahead=5)
        assert len(run.ids("tags")) == 100
        arrivals = [request.arrived for request in sandbox.log]
        # an answer takes 50 ms, so one after the other they would never be closer than that
        assert sum(later - earlier < 0.045 for earlier, later in itertools.pairwise(arrivals)) >= 3
