"""One `meltano run`, as a child that cannot outlive us, alone, bounded in time."""

import logging
import shutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

from orchestration.environment import MELTANO_OPTIONS, ROOT, Environment, child_environment, program
from orchestration.errors import PublicError
from orchestration.log_file import log_file
from orchestration.meltano.child import Child, child
from orchestration.meltano.lock import ALREADY_RUNNING, TRIGGER, BusyError, mark_killed_as_failed, only_one
from orchestration.meltano.log import FOR_AN_ENGINEER, TAP, RunLog
from orchestration.this_machine import unreadable

PATIENCE_SECONDS = 15.0  # a read that is being stopped needs a moment
MUTE = (
    "The log of Meltano has no number of rows, so the read counts as not complete. Remove what changes the "
    "log: a logging.yaml, or SINGER_SDK_LOG_CONFIG."
)
ANOTHER_READS = "Another run is reading sevDesk right now. Wait until it has ended."
STARTED_ELSEWHERE = (
    "A `meltano run` that was not started from here is reading sevDesk, or was killed while it did. "
    "Wait until it has ended; if it was killed, its lock falls by itself within five minutes."
)

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
) -> RunLog:
    """Run `tap`, sevDesk's by default, into the warehouse of `environment`: what changed, or all when `full`.

    `settings` are variables for Meltano, `timeout` is in seconds. Never `--force`: two reads at once would
    overwrite each other's bookmarks.
    The complete log is in `logs/meltano.log`. Raises ReadError; none of its processes runs on afterwards.
    """
    flags = ["--full-refresh"] if full else []
    command: list[str | Path] = [program("meltano"), *MELTANO_OPTIONS, "run", *flags, tap, environment.loader]
    folder = root / ".meltano" / "run"
    ours = {"MELTANO_JOB_TRIGGER": TRIGGER, "XDG_STATE_HOME": str(folder)}  # for a log that it keeps at home
    env = child_environment(environment, **ours, **(settings or {}))
    try:
        with only_one(folder / "orchestration.lock", PATIENCE_SECONDS) as lock:
            _remove_leftovers(folder)
            start = partial(child, command, cwd=root, env=env, timeout=timeout, inherit=[lock])
            follow = partial(_follow, start, say, environment.loader, tap=tap, timeout=timeout, root=root)
            try:
                return follow()
            except ReadError as error:
                if ALREADY_RUNNING not in str(error):
                    raise
                if not mark_killed_as_failed(root, env):
                    raise ReadError(STARTED_ELSEWHERE, transient=True) from error
            say(logging.WARNING, "The previous run was killed half-way; this one takes its place.")
            return follow()
    except BusyError as busy:
        raise ReadError(ANOTHER_READS, transient=True) from busy


def _remove_leftovers(folder: Path) -> None:
    """Remove what Meltano wrote in earlier runs: secrets in plain text of one that was killed, and logs.

    `logs/meltano.log` says all that these say.
    """
    for file in folder.glob("*/*config*.json"):
        file.unlink(missing_ok=True)
    shutil.rmtree(folder / "meltano", ignore_errors=True)


def _follow(
    start: Callable[[], AbstractContextManager[Child]],
    say: Say,
    loader: str,
    *,
    tap: str,
    timeout: float,
    root: Path,
) -> RunLog:
    """Start Meltano and follow its log to the end. Raises ReadError."""
    log = RunLog(tap)
    with log_file(root / "logs" / "meltano.log") as keep, start() as meltano:
        for line in meltano.lines():
            print(line, file=keep)
            for level, text in log.follow(line):
                say(level, text)
        code = meltano.exit_code()
    if meltano.timed_out:
        what = "sevDesk" if tap == TAP else tap
        limit = f"Reading {what} was stopped after {timeout / 60:.0f} minutes, its limit."
        raise ReadError(limit, transient=False)
    if code and (damaged := bookmarks_are_damaged(root)):
        raise ReadError(damaged, transient=False, public=FOR_AN_ENGINEER)
    if code:
        public = log.public_reason(code, loader)
        raise ReadError(log.reason(code, loader), transient=log.transient, public=public)
    if not log.rows:
        say(logging.WARNING, MUTE)
    return log


def bookmarks_are_damaged(root: Path) -> str | None:
    """Return that Meltano's database cannot be read, and what to do; None if it can, or there is none."""
    path = root / ".meltano" / "meltano.db"
    reason = unreadable(path)
    advice = "Move it away: only the bookmarks are lost, and the next run reads everything."
    return f"Meltano's bookmarks, {path}, cannot be used ({reason}). {advice}" if reason else None
