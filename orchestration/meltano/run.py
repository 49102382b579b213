"""One `meltano run`, as a child that cannot outlive us, alone, bounded in time."""

import logging
import re
import shutil
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from sevdesk_report import english

from orchestration.environment import MELTANO_OPTIONS, ROOT, Environment, child_environment, program
from orchestration.errors import PublicError
from orchestration.log_file import log_file
from orchestration.meltano.child import child
from orchestration.meltano.lock import ALREADY_RUNNING, TRIGGER, BusyError, mark_killed_as_failed, only_one
from orchestration.meltano.log import FOR_AN_ENGINEER, TAP, RunLog
from orchestration.this_machine import unreadable

PATIENCE_SECONDS = 15.0  # a read that is being stopped needs a moment
MUTE = (
    "The log of Meltano has no number of rows, so the read counts as not complete. Remove what changes the "
    "log: a logging.yaml, or SINGER_SDK_LOG_CONFIG."
)

ANOTHER_READS = "Another run is reading sevDesk right now. Wait until it has ended."

Say = Callable[[int, str], None]
"""Takes a level of the `logging` module and a line for the person watching."""


class ReadError(PublicError):
    """The read failed. `transient`: trying again later may help."""

    def __init__(self, reason: str, *, transient: bool, public: str = "") -> None:
        super().__init__(reason, public)
        self.transient = transient


def read(
    environment: Environment,
    say: Say,
    *,
    tap: str = TAP,
    full: bool = False,
    settings: Mapping[str, str] | None = None,
    timeout: float,
    root: Path = ROOT,
    executable: str | Path | None = None,
) -> RunLog:
    """Run `tap`, sevDesk's by default, into the warehouse of `environment`: what changed, or all when `full`.

    `settings` are variables for Meltano, `timeout` is in seconds. Never `--force`: two reads at once would
    overwrite each other's bookmarks.
    The complete log is in `logs/meltano.log`. Raises ReadError; none of its processes runs on afterwards.
    """
    how = [*MELTANO_OPTIONS, "run", *(["--full-refresh"] if full else [])]
    command = [executable or program("meltano"), *how, tap, environment.loader]
    folder = root / ".meltano" / "run"
    ours = {"MELTANO_JOB_TRIGGER": TRIGGER, "XDG_STATE_HOME": str(folder)}  # for a log that it keeps at home
    env = child_environment(environment, **ours, **(settings or {}))
    try:
        with only_one(folder / "orchestration.lock", PATIENCE_SECONDS) as lock:
            _remove_leftovers(folder)
            try:
                return _run(
                    command, say, environment, tap=tap, timeout=timeout, root=root, env=env, lock=lock
                )
            except ReadError as error:
                if ALREADY_RUNNING not in str(error):
                    raise
                if not mark_killed_as_failed(root, env):
                    raise ReadError(_started_elsewhere(str(error)), transient=True) from error
            say(logging.WARNING, "The previous run was killed half-way; this one takes its place.")
            return _run(command, say, environment, tap=tap, timeout=timeout, root=root, env=env, lock=lock)
    except BusyError as busy:
        raise ReadError(ANOTHER_READS, transient=True) from busy


def _remove_leftovers(folder: Path) -> None:
    """Remove what Meltano wrote in earlier runs: secrets in plain text of one that was killed, and logs.

    `logs/meltano.log` says all that these say.
    """
    for file in folder.glob("*/*config*.json"):
        file.unlink(missing_ok=True)
    shutil.rmtree(folder / "meltano", ignore_errors=True)


def _run(
    command: list[str | Path],
    say: Say,
    environment: Environment,
    *,
    tap: str,
    timeout: float,
    root: Path,
    env: dict[str, str],
    lock: int,
) -> RunLog:
    log = RunLog(tap)
    started = time.monotonic()
    with (
        log_file(root / "logs" / "meltano.log") as keep,
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
    if code and (damaged := bookmarks_are_damaged(root)):
        raise ReadError(damaged, transient=False, public=FOR_AN_ENGINEER)
    if code:
        public = log.public_reason(code, environment.loader)
        raise ReadError(log.reason(code, environment.loader), transient=log.transient, public=public)
    if log.mute:
        say(logging.WARNING, MUTE)
    return log


def bookmarks_are_damaged(root: Path) -> str | None:
    """Return that Meltano's database cannot be read, and what to do; None if it can, or there is none."""
    path = root / ".meltano" / "meltano.db"
    reason = unreadable(path)
    advice = "Move it away: only the bookmarks are lost, and the next run reads everything."
    return f"Meltano's bookmarks, {path}, cannot be used ({reason}). {advice}" if reason else None


def _started_elsewhere(message: str) -> str:
    until = re.search(r"Wait until (\S+ \S+) when", message)
    last = f" at {english.moment(datetime.fromisoformat(until[1]))}" if until else ""
    return (
        "A `meltano run` that was not started from here is reading sevDesk, or was killed while it did. "
        f"Wait until it has ended; if it was killed, its lock falls by itself{last}."
    )
