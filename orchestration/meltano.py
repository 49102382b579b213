"""One `meltano run`: its log followed line by line, rows counted, its failure in one plain sentence."""

import json
import logging
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from orchestration.child import child
from orchestration.lock import ALREADY_RUNNING, TRIGGER, BusyError, bury_the_dead, only_one
from orchestration.worlds import ROOT, World, child_environment, program

TAP = "tap-sevdesk"
LOG_BYTES = 10_000_000
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
    errors: dict[str, str] = field(default_factory=dict)
    last: dict[str, str] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    def follow(self, line: str) -> Iterator[tuple[int, str]]:
        """Take in one line of the log; yield what a person should see of it, with its level."""
        try:
            entry: dict[str, Any] = json.loads(line)
        except ValueError:
            entry = {}
        if "event" not in entry:
            if line.strip():
                self.last["meltano"] = line.strip()
            return
        who = entry.get("string_id", "meltano")
        text = str(entry["event"])
        if metric := entry.get("metric_info"):
            yield from self._measure(metric)
            return
        self.failed += [who for who in ("loaders", "extractors") if who in entry.get("exit_codes", {})]
        problem = entry.get("plugin_exception") or entry.get("exception") or {}
        reason = problem.get("message") if isinstance(problem, dict) else None
        self.last[who] = reason or text
        level = getattr(logging, str(entry.get("level", "info")).upper(), logging.INFO)
        if level >= logging.ERROR:
            if entry.get("err") or "exit_codes" not in entry:
                self.errors[who] = str(reason or entry.get("err") or text)
            yield level, f"{who}: {reason or text}"
        elif level == logging.WARNING and who != "meltano":
            yield level, f"{who}: {text}"

    def _measure(self, metric: dict[str, Any]) -> Iterator[tuple[int, str]]:
        stream = metric.get("tags", {}).get("stream", "")
        if metric.get("metric") == "record_count":
            self.rows[stream] += int(metric["value"])
            yield logging.INFO, f"{stream}: {self.rows[stream]} rows"
        elif metric.get("metric") == "sync_duration":
            self.seconds[stream] = float(metric["value"])

    def reason(self, exit_code: int, loader: str) -> str:
        """Return why the run failed: the last error of the part that failed, else the last thing it said."""
        for kind, name in (("loaders", loader), ("extractors", TAP)):
            if kind in self.failed and (said := self.errors.get(name) or self.last.get(name)):
                return said
        for name in (loader, TAP, "meltano"):
            if said := self.errors.get(name):
                return said
        return self.last.get("meltano") or f"meltano ended with exit code {exit_code} and said nothing."


# What another attempt cannot cure: a rejected token, a setting that is wrong or missing.
_PERMANENT = re.compile(
    r"\b(401|403)\b|unauthori[sz]ed|rejected|not a sevdesk|(config|setting)\w* (validation|is|are)|required property|"
    r"additional propert|no such option|is not (known|installed)",
    re.IGNORECASE,
)


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
        reason = log.reason(code, world.loader)
        raise ReadError(reason, transient=not _PERMANENT.search(reason))
    return log


@contextmanager
def _log_file(path: Path) -> Iterator[TextIO]:
    """Open `path` to append to; one older file is kept beside it, so that it cannot grow without end."""
    path.parent.mkdir(exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_suffix(".old.log"))
    with path.open("a", encoding="utf-8", buffering=1) as file:
        yield file
