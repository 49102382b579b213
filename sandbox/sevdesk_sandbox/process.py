"""The life of the sandbox's process and of the command beside it: neither outlives the other."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from types import FrameType

from sevdesk_sandbox.sandbox import Sandbox

_POLL = 0.1  # seconds between two looks at whether the parent is still there
_GRACE = 10.0  # seconds a command gets to end after its SIGTERM when the parent is gone
_PASSED_ON = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of <sys/prctl.h>


def settings(sandbox: Sandbox) -> dict[str, str]:
    """Return what a client needs in its environment; no pace (0), which is a courtesy to a real server."""
    return {
        "SEVDESK_API_URL": sandbox.url,
        "SEVDESK_API_KEY": sandbox.token,
        "SEVDESK_REQUESTS_PER_SECOND": "0",
    }


def serve(sandbox: Sandbox) -> int:
    """Serve until SIGTERM or SIGINT, or until the parent ends; prints the address and the token."""
    parent = os.getppid()
    ended = threading.Event()
    for number in _PASSED_ON:
        signal.signal(number, lambda *_: ended.set())
    with sandbox:
        for name, value in settings(sandbox).items():
            print(f"export {name}={value}", flush=True)
        while not ended.wait(_POLL) and os.getppid() == parent:
            pass
    return 0


def _without_proxy() -> dict[str, str]:
    """Return the variables with which no proxy is asked for an address on this machine."""
    named = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    value = ",".join(filter(None, [named, "127.0.0.1", "localhost"]))
    return {"no_proxy": value, "NO_PROXY": value}


def run(sandbox: Sandbox, command: list[str]) -> int:
    """Serve while COMMAND runs, which gets the address and the token.

    Signals are passed on to it. If the parent of this process ends, or (on Linux) this process is killed,
    COMMAND gets SIGTERM. Returns its exit code, 128+n for signal n, 127 and 126 as a shell does.
    """
    parent = os.getppid()
    environment = {**os.environ, **settings(sandbox), **_without_proxy()}
    pending: list[int] = []
    for number in _PASSED_ON:
        signal.signal(number, lambda caught, _: pending.append(caught))
    try:
        child = subprocess.Popen(command, env=environment, preexec_fn=_die_with(os.getpid()))  # noqa: PLW1509, S603
    except OSError as problem:
        print(f"sevdesk-sandbox: cannot run {command[0]}: {problem.strerror}", file=sys.stderr)
        sandbox.stop()
        return 127 if isinstance(problem, FileNotFoundError) else 126

    def pass_on(number: int, _: FrameType | None) -> None:
        if not (number == signal.SIGINT and in_foreground()):
            child.send_signal(number)

    for number in _PASSED_ON:
        signal.signal(number, pass_on)
    for caught in pending:
        pass_on(caught, None)
    with sandbox:
        # COMMAND takes seconds to start: the books, which are written when first asked for, are ready then
        threading.Thread(target=sandbox.books.table, args=("Invoice",), daemon=True).start()
        code = _wait(child, parent)
    return 128 - code if code < 0 else code


def _wait(child: subprocess.Popen[bytes], parent: int) -> int:
    while os.getppid() == parent:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return child.wait(_POLL)
    child.terminate()
    try:
        return child.wait(_GRACE)
    except subprocess.TimeoutExpired:
        child.kill()
        return child.wait()


def in_foreground() -> bool:
    """Say whether a SIGINT may come from the keyboard: then the terminal sends it to COMMAND as well."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    finally:
        os.close(terminal)


def _die_with(parent: int) -> Callable[[], None] | None:
    """Make a function that, in the child, asks Linux for a SIGTERM when the parent is killed."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl

    def ask() -> None:
        prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(128 + signal.SIGTERM)

    return ask
