"""One `meltano run`: its log followed line by line, rows counted, its failure in one plain sentence."""

import json
import logging
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from orchestration import german
from orchestration.child import child
from orchestration.lock import ALREADY_RUNNING, TRIGGER, BusyError, bury_the_dead, only_one
from orchestration.worlds import ROOT, World, child_environment, program

TAP = "tap-sevdesk"
LOG_BYTES = 10_000_000
ERRORS_TOLD = 3
SETTINGS_REFUSED = "Config validation failed"
PERMANENT = re.compile(rf"\((401|403)\)|^{SETTINGS_REFUSED}|^Cannot start plugin")
PATIENCE_SECONDS = 15.0  # a read told to stop needs a moment to do so

Say = Callable[[int, str], None]
"""Takes a level of the `logging` module and a line for the person watching."""


class ReadError(Exception):
    """The read failed; the message is one plain sentence. `transient`: trying again later may help."""

    def __init__(self, reason: str, *, transient: bool) -> None:
        super().__init__(reason)
        self.transient = transient


@dataclass
class RunLog:
    """What the log of a `meltano run` has told so far."""

    rows: Counter[str] = field(default_factory=Counter)
    seconds: dict[str, float] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    last: dict[str, str] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)

    def follow(self, line: str) -> Iterator[tuple[int, str]]:
        """Take in one line of the log; yield what a person should see of it, with its level."""
        try:
            entry: dict[str, Any] = json.loads(line)
            text = str(entry["event"])
        except (ValueError, TypeError, KeyError):  # Meltano could not even set up its log
            self.last["meltano"] = line.strip() or self.last.get("meltano", "")
            return
        if metric := entry.get("metric_info"):
            yield from self._measure(metric)
            return
        if "exit_codes" in entry:
            self.failed.update(entry["exit_codes"])
            return
        who = entry.get("string_id", "meltano")
        if crash := entry.get("plugin_exception"):
            text = f"{crash['type']}: {crash['message']}"
        self.last[who] = text
        level = getattr(logging, str(entry.get("level")).upper(), logging.INFO)
        if level >= logging.ERROR and text not in self.errors[who]:
            self.errors[who].append(text)
        # The SDK's own warnings are for those who write taps, Meltano's for those who run it by hand.
        if level >= logging.ERROR or (
            level == logging.WARNING and entry.get("plugin_logger") != "singer_sdk"
        ):
            yield level, text if who == "meltano" else f"{who}: {text}"

    def _measure(self, metric: dict[str, Any]) -> Iterator[tuple[int, str]]:
        stream = metric.get("tags", {}).get("stream", "")
        if metric.get("metric") == "record_count":
            self.rows[stream] += int(metric["value"])
            yield logging.INFO, f"{stream:<26}{german.count(self.rows[stream]):>9} rows"
        elif metric.get("metric") == "sync_duration":
            self.seconds[stream] = float(metric["value"])

    def reason(self, exit_code: int, loader: str) -> str:
        """Return why the run failed: the errors of the part that failed, else the last thing it said."""
        parts = [name for kind, name in (("loaders", loader), ("extractors", TAP)) if kind in self.failed]
        for name in [*parts, "meltano"]:
            told = [text for text in self.errors[name] if text != SETTINGS_REFUSED]
            if told and SETTINGS_REFUSED in self.errors[name]:
                return f"The settings of {name} are not usable: {'; '.join(told)}. See .env.example and meltano.yml."
            if told:
                return " ".join(
                    _plain(text) for text in (told if len(told) <= ERRORS_TOLD else [told[0], told[-1]])
                )
            if said := self.last.get(name):
                return _plain(said)
        return f"meltano ended with exit code {exit_code} and said nothing."

    @property
    def transient(self) -> bool:
        """Whether another attempt may help: not with a refused token, a wrong setting, a program missing."""
        told = [text for texts in self.errors.values() for text in texts]
        return not any(PERMANENT.search(text) for text in told)


def _plain(text: str) -> str:
    """Return a message of several lines as one: the last line of a traceback, else all of it."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if any(line.startswith("Traceback") for line in lines) else " ".join(lines)


def read(
    world: World,
    say: Say,
    *,
    full: bool = False,
    timeout: float,
    root: Path = ROOT,
    executable: str | Path | None = None,
) -> RunLog:
    """Read sevDesk into the warehouse of `world`: only what changed, or everything when `full`.

    `timeout` is in seconds. Never `--force`: two reads at once would overwrite each other's bookmarks.
    The complete log is in `logs/meltano.log`. Raises ReadError; nothing of the family runs on afterwards.
    """
    command = [executable or program("meltano"), "--log-format=json", "run", TAP, world.loader]
    if full:
        command.insert(3, "--full-refresh")
    env = child_environment(world, MELTANO_JOB_TRIGGER=TRIGGER)
    try:
        with only_one(root / ".meltano" / "orchestration.lock", PATIENCE_SECONDS) as lock:
            try:
                return _run(command, say, world, timeout=timeout, root=root, env=env, lock=lock)
            except ReadError as error:
                if ALREADY_RUNNING not in str(error) or not bury_the_dead(root, env):
                    raise
            say(logging.WARNING, "The previous run was killed half-way; this one takes its place.")
            return _run(command, say, world, timeout=timeout, root=root, env=env, lock=lock)
    except BusyError as busy:
        raise ReadError(
            "Another run is reading sevDesk right now. Wait until it has ended.", transient=True
        ) from busy


def _run(
    command: list[str | Path],
    say: Say,
    world: World,
    *,
    timeout: float,
    root: Path,
    env: dict[str, str],
    lock: int,
) -> RunLog:
    log = RunLog()
    started = time.monotonic()
    with (
        _log_file(root / "logs" / "meltano.log") as keep,
        child(command, cwd=root, env=env, timeout=timeout, inherit=[lock]) as meltano,
    ):
        for line in meltano.lines():
            print(line, file=keep)
            for level, text in log.follow(line):
                say(level, text)
        code = meltano.exit_code()
    if meltano.timed_out.is_set():
        minutes = (time.monotonic() - started) / 60
        raise ReadError(
            f"Reading sevDesk was stopped after {minutes:.0f} minutes, its limit.", transient=False
        )
    if code:
        raise ReadError(log.reason(code, world.loader), transient=log.transient)
    return log


@contextmanager
def _log_file(path: Path) -> Iterator[TextIO]:
    """Open `path` to append to; one older file is kept beside it, so that it cannot grow without end."""
    path.parent.mkdir(exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_suffix(".old.log"))
    with path.open("a", encoding="utf-8", buffering=1) as file:
        yield file
