"""Kill the tap at every request, run it again, and compare what came with what is there."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sevdesk_sandbox import Sandbox
from tap_processes import TapProcesses
from tap_running import NOON, Outcome, config_for, parse

from tap_sevdesk.tap import TapSevDesk

STREAMS = {"Invoice": "invoices", "InvoicePos": "invoice_positions", "Contact": "contacts", "Tag": "tags"}
TEXT = {"Invoice": "header", "InvoicePos": "text", "Contact": "customerNumber"}


@pytest.fixture(scope="module")
def processes() -> Iterator[TapProcesses]:
    with TapProcesses() as it:
        yield it


def small_account() -> Sandbox:
    """Make three pages of invoices with positions, two of contacts and some tags."""
    sandbox = Sandbox(firm=False, now=NOON)
    for i in range(1, 31):
        sandbox.books.put("Invoice", {"id": str(i)})
        sandbox.books.put("InvoicePos", {"id": str(i), "invoice": {"id": str(i), "objectName": "Invoice"}})
        sandbox.books.put("Contact", {"id": str(i), "name": "Firma"})
        sandbox.clock.advance(hours=3)
    sandbox.books.put("Tag", {"id": "1"})
    return sandbox


class Environment:
    """A sandbox, a folder for files, and the tap as a process."""

    def __init__(self, sandbox: Sandbox, folder: Path, processes: TapProcesses) -> None:
        self.sandbox, self.folder, self.processes = sandbox, folder, processes
        catalog = TapSevDesk(config=config_for(sandbox)).catalog_dict
        for entry in catalog["streams"]:
            root = next(part for part in entry["metadata"] if not part["breadcrumb"])
            root["metadata"]["selected"] = entry["stream"] in {*STREAMS.values(), "extractions"}
        self.write("catalog.json", catalog)
        self.write("config.json", config_for(sandbox, page_size=10, lookback_seconds=60))

    def write(self, name: str, content: Any) -> str:
        path = self.folder / name
        path.write_text(json.dumps(content))
        return str(path)

    def run(self, state: dict[str, Any] | None, kill: tuple[int, int] | None = None) -> tuple[int, Outcome]:
        """Run the tap; `kill` is a signal and the number of the request at which it is sent."""
        arguments = [
            "--config",
            str(self.folder / "config.json"),
            "--catalog",
            str(self.folder / "catalog.json"),
        ]
        if state:
            arguments += ["--state", self.write("state.json", state)]
        out, err = self.folder / "out", self.folder / "err"
        known = threading.Event()
        child = 0

        def started(process: int) -> None:
            nonlocal child
            child = process
            known.set()

        def strike(_: object) -> None:
            if kill and len(self.sandbox.log) == kill[1]:
                known.wait()
                os.kill(child, kill[0])

        self.sandbox._callbacks[:] = [strike]
        self.sandbox.log.clear()
        code = self.processes.run(arguments, out, err, started)
        with out.open() as lines:
            return code, Outcome(parse(lines))

    def truth(self, resource: str) -> dict[str, str]:
        field = TEXT.get(resource, "name")
        return {row["id"]: str(row.get(field)) for row in self.sandbox.books.rows(resource)}


def merge(loaded: dict[str, dict[str, str]], outcome: Outcome) -> None:
    """Load what came, as a target does."""
    for resource, stream in STREAMS.items():
        for record in outcome.records(stream):
            loaded.setdefault(stream, {})[record["id"]] = str(record.get(TEXT.get(resource, "name")))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_killed_at_any_request_of_any_run_the_next_one_completes_the_work(
    number: int, tmp_path: Path, processes: TapProcesses
) -> None:
    with small_account() as sandbox:
        environment = Environment(sandbox, tmp_path, processes)
        code, first = environment.run(None)
        assert code == 0
        in_full = len(sandbox.log)

        sandbox.clock.advance(days=1)
        for i in ("3", "17", "29"):
            for resource, field in TEXT.items():
                sandbox.books.put(resource, {"id": i, field: "changed"})
        assert environment.run(first.state)[0] == 0
        incremental = len(sandbox.log)
        assert (in_full, incremental) == (14, 8)

        for state, requests in ((None, in_full), (first.state, incremental)):
            for at in range(1, requests + 1):
                loaded: dict[str, dict[str, str]] = {}
                if state:
                    merge(loaded, first)
                code, killed = environment.run(state, kill=(number, at))
                assert code == (143 if number == signal.SIGTERM else -signal.SIGKILL)
                merge(loaded, killed)
                code, again = environment.run(killed.state or state)
                assert code == 0
                merge(loaded, again)
                for resource, stream in STREAMS.items():
                    assert loaded[stream] == environment.truth(resource), f"{stream}, killed at request {at}"


def test_ctrl_c_ends_with_130_and_a_sentence(tmp_path: Path, processes: TapProcesses) -> None:
    with small_account() as sandbox:
        environment = Environment(sandbox, tmp_path, processes)
        code, _ = environment.run(None, kill=(signal.SIGINT, 2))
        assert code == 130
        said = (tmp_path / "err").read_text()
        assert "Stopped by a signal. The next run reads again what was not finished." in said
        assert "Traceback" not in said


IN_A_DESTRUCTOR = """
class Connection:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
Connection()
"""
IN_A_CLEAN_UP_THAT_FAILS = """
try:
    try:
        os.kill(os.getpid(), signal.SIGTERM)
    finally:
        raise RuntimeError("cannot notify on un-acquired lock")
except RuntimeError:
    pass
"""


@pytest.mark.parametrize("where", [IN_A_DESTRUCTOR, IN_A_CLEAN_UP_THAT_FAILS], ids=["destructor", "clean-up"])
def test_a_signal_is_not_lost_where_python_drops_exceptions(where: str) -> None:
    """Both happened: to a request's thread as it started, and to a connection's weak references."""
    tap = "TapSevDesk(config={'api_token': 32 * '0'})"
    code = f"import os, signal; from tap_sevdesk.tap import TapSevDesk; {tap}\n{where}"
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 143
    assert "Traceback" not in run.stderr


def test_a_stopped_run_does_not_wait_for_answers_that_are_under_way(
    tmp_path: Path, processes: TapProcesses
) -> None:
    with small_account() as sandbox:
        environment = Environment(sandbox, tmp_path, processes)
        environment.write("config.json", config_for(sandbox, page_size=5, read_ahead=4, request_timeout=30))
        sandbox.fail("slow", path="/Invoice", nth=4, times=0, seconds=20)
        code, _ = environment.run(None, kill=(signal.SIGTERM, 4))
        assert code == 143


def test_after_each_stream_and_never_within_one_a_state_is_written(
    tmp_path: Path, processes: TapProcesses
) -> None:
    with small_account() as sandbox:
        _, outcome = Environment(sandbox, tmp_path, processes).run(None)
        last: dict[str, int] = {}
        for index, message in enumerate(outcome.messages):
            if message["type"] == "RECORD":
                last[message["stream"]] = index
        for index, message in enumerate(outcome.messages):
            if message["type"] == "STATE":
                for stream, bookmark in message["value"]["bookmarks"].items():
                    assert not bookmark or last[stream] < index, "a bookmark went ahead of its records"
                    moved = {"replication_key", "replication_key_value", "checked_until", "run", "schema"}
                    moved |= {"row_due"}
                    assert set(bookmark) <= moved | {"digests", "list", "total", "counted_at", "followed"}
