"""dbt in this process: parsed once, while Meltano reads; then built, event by event, and queried.

Not by DbtCliResource: that one starts a new dbt for every command and runs `dbt --version` first, which asks
PyPI over the network at every run.
"""

import json
import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from orchestration.dbt.events import SOME_FAILED, DbtLog, Event
from orchestration.dbt.manifest import PROJECT, options
from orchestration.environment import LOGS, Environment
from orchestration.errors import PublicError
from orchestration.log_file import log_file

SHOW_TIMEOUT = 600.0
GRACE_SECONDS = 20.0
LEAST_PRIORITY = 19
FAILED = 2  # dbt's exit code when it did not come to its end


class DbtError(PublicError):
    """dbt failed."""


class Dbt:
    """One dbt project, parsed once at most. `begin_to_parse` does that beside other work."""

    def __init__(self, environment: Environment, project: Path = PROJECT) -> None:
        self.environment, self.project = environment, project
        self._manifest: Any = None
        self._parsing: threading.Thread | None = None

    def begin_to_parse(self) -> threading.Thread:
        """Import dbt and parse the project in a thread; a failure shows when the manifest is needed."""
        if not self._parsing:
            self._parsing = threading.Thread(target=self._parse, daemon=True, name="dbt parse")
            self._parsing.start()
        return self._parsing

    def build(self, arguments: Sequence[str], *, timeout: float, log: DbtLog) -> Iterator[Event]:
        """Run `dbt build`; yield its events as they come. `timeout` is in seconds. Raises DbtError.

        Rules about the reading do not count: nothing is wrong with the models then, and the page shows it.
        The events are kept in `logs/dbt.log`. Not by dbt: it formats thousands of them to drop nearly all.
        """
        with log_file(LOGS / "dbt.log") as keep:
            for event in self._run(["build", *arguments], timeout, log):
                print(json.dumps(event), file=keep)
                yield event

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Return the rows of `query`, SQL with dbt's `ref`, with names of columns in lower case.

        Cast amounts to text: they come as floats.
        """
        arguments = ["show", "--inline", query, "--output", "json", "--limit", "-1"]
        found: list[dict[str, Any]] = []
        for event in self._run(arguments, SHOW_TIMEOUT, DbtLog()):
            if event["info"]["name"] == "ShowNode":
                found = json.loads(event["data"]["preview"])
        return [{name.lower(): value for name, value in row.items()} for row in found]

    def _run(self, arguments: Sequence[str], timeout: float, log: DbtLog) -> Iterator[Event]:
        self.begin_to_parse().join(timeout)
        invocation = Invocation([*arguments, *self._options()], self._manifest)
        try:
            for event in invocation.events(timeout):
                log.follow(event)
                yield event
        finally:
            invocation.stop()
        if (code := invocation.exit_code) and not log.only_the_reading_failed(code):
            log.errors += [invocation.error] if invocation.error and not log.errors else []
            raise DbtError(log.reason(code), log.public_reason(code))

    def _parse(self) -> None:
        # Meltano goes first, as it may find nothing new; only Linux has a priority for each thread
        if sys.platform == "linux":
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LEAST_PRIORITY)
        with suppress(Exception):  # what follows has no manifest then, and fails with the same error
            from dbt.cli.main import dbtRunner  # noqa: PLC0415 - slow to import

            from orchestration.dbt import translation  # noqa: F401, PLC0415 - needed soon

            self._manifest = dbtRunner().invoke(["parse", *self._options()]).result

    def _options(self) -> list[str]:
        """Return the options of each command; a log of dbt's own would hold the rows of `show`."""
        unlogged = ("--log-level", "none", "--log-level-file", "none", "--no-write-json")
        return [*options(self.environment, self.project), *unlogged]


class Invocation:
    """One dbt command at work in a thread of its own, so that this one keeps its time limit and Ctrl-C."""

    def __init__(self, arguments: list[str], manifest: Any) -> None:  # noqa: ANN401 - dbt's own
        self.arguments, self.manifest = arguments, manifest
        self.exit_code, self.error = FAILED, ""
        self._queue: SimpleQueue[Event | None] = SimpleQueue()
        self.thread = threading.Thread(target=self._invoke, daemon=True, name=f"dbt {arguments[0]}")
        self.thread.start()

    def _invoke(self) -> None:
        try:
            from dbt.cli.main import dbtRunner  # noqa: PLC0415 - slow to import

            done = dbtRunner(manifest=self.manifest, callbacks=[self._receive]).invoke(self.arguments)
            self.exit_code = 0 if done.success else FAILED if done.exception else SOME_FAILED
            self.error = str(done.exception or "")
        except BaseException as error:
            self.error = f"{type(error).__name__}: {error}"
        finally:
            self._queue.put(None)

    def _receive(self, message: Any) -> None:  # noqa: ANN401 - dbt's EventMsg, which has no stubs
        from dbt_common.events.functions import msg_to_dict  # noqa: PLC0415 - slow to import

        if message.info.level != "debug":
            self._queue.put(msg_to_dict(message))

    def events(self, timeout: float) -> Iterator[Event]:
        """Yield the events of dbt's log until it ends. Raises DbtError after `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            with suppress(Empty):
                if (event := self._queue.get(timeout=1)) is None:
                    return
                yield event
        raise DbtError(f"dbt was stopped after {timeout / 60:.0f} minutes, its limit.")

    def stop(self) -> None:
        """Interrupt statements until dbt has ended, or the grace is over: it dies with the process."""
        deadline = time.monotonic() + GRACE_SECONDS
        while self.thread.is_alive() and time.monotonic() < deadline:
            self.thread.join(0.2)
            for adapter in _adapters() if self.thread.is_alive() else []:
                with suppress(Exception):  # a connection that ends by itself meanwhile
                    adapter.cancel_open_connections()


def release() -> None:
    """Close the warehouse, which dbt keeps open in this process: the loader of the next run must get in.

    A statement that could not be interrupted keeps its connection. The process ends soon and closes it; an
    error here would hide why the run failed.
    """
    for adapter in _adapters():
        with suppress(Exception):
            adapter.cleanup_connections()
            if close := getattr(adapter.connections, "close_all_connections", None):  # of DuckDB's file
                close()


def _adapters() -> list[Any]:
    """Return dbt's ways into the warehouse; none when nothing was asked of dbt."""
    if "dbt.adapters.factory" not in sys.modules:
        return []
    from dbt.adapters.factory import FACTORY  # noqa: PLC0415 - slow to import

    return list(FACTORY.adapters.values())
