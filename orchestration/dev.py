"""`make dev`: the parts that deploy/ starts, together, until somebody stops them or one of them ends."""

import os
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from orchestration import this_machine
from orchestration.environment import ROOT, SettingsError, dagster_home, program
from orchestration.idle import DEV, HELD, answers
from orchestration.meltano.child import Child, child
from orchestration.meltano.lock import BusyError, only_one
from orchestration.settings import read_all

PARTS = {
    "code": "dagster code-server start --module-name orchestration.definitions",
    "web": "python -m orchestration.ui",
    "daemon": "dagster-daemon run --workspace deploy/workspace.yaml",
    "webhook": "python -m orchestration.webhook",
}
SOCKET = "DAGSTER_CODE_SERVER_SOCKET"  # read by Dagster itself, and by deploy/workspace.yaml
POLL_SECONDS = 0.2
LAST_PORT = 65_535
LONGEST_FOLDER = 70  # bytes, of the 103 that macOS has for all of the path
FOR_EVER = threading.TIMEOUT_MAX


def main(arguments: Sequence[str]) -> int:
    """Run all parts, the web interface on the port of the first argument; return the exit code."""
    wanted = arguments[0] if arguments else "3000"
    port = int(wanted) if wanted.isascii() and wanted.isdigit() else 0
    if not 0 < port <= LAST_PORT:
        print(f"Error: PORT is '{wanted}'. Set it to a whole number from 1 to {LAST_PORT}.", file=sys.stderr)
        return 1
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    try:
        _, settings = read_all()
    except SettingsError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    if problem := this_machine.problem(dagster_home()):
        print(f"Error: {problem}", file=sys.stderr)
        return 1
    try:
        with only_one(dagster_home() / DEV):  # two daemons would start each run twice
            return _run_on(port, settings.web.port, stop)
    except BusyError:
        print(f"Error: {HELD[DEV]}", file=sys.stderr)
        return 1


def _run_on(port: int, web_port: int, stop: threading.Event) -> int:
    for taken, setting in ((port, "make dev PORT=3001"), (web_port, "WEBHOOK_PORT in .env")):
        if not _is_free(taken):
            print(f"Port {taken} is in use. Stop what uses it, or choose another: {setting}", file=sys.stderr)
            return 1
    return _run(port, stop)


def _run(port: int, stop: threading.Event) -> int:
    ended: list[str] = []

    def follow(name: str, part: Child) -> None:
        for line in part.lines():
            print(f"{name:<8}{line}", flush=True)
        if not stop.is_set():
            ended.append(name)
        stop.set()

    parts: list[ExitStack] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sevdesk-", dir=_short())))
        environment = {**os.environ, SOCKET: str(folder / "code.sock")}
        stack.callback(_stop_together, parts)
        for name, command in PARTS.items():
            first, *rest = command.split()
            rest += ["--port", str(port)] if name == "web" else []
            parts.append(ExitStack())
            part = parts[-1].enter_context(
                child([program(first), *rest], cwd=ROOT, env=environment, timeout=FOR_EVER)
            )
            threading.Thread(target=follow, args=[name, part], daemon=True).start()
            while name == "code" and not answers(folder / "code.sock") and not stop.wait(POLL_SECONDS):
                pass
            if stop.is_set():
                break
        else:
            print(f"\nDagster is on http://127.0.0.1:{port}; Ctrl-C stops it.\n", flush=True)
        stop.wait()
    if ended:
        print(f"Error: the part `{ended[0]}` has ended, see above.", file=sys.stderr)
    return 1 if ended else 0


def _short() -> str:
    """Return a folder for temporary files whose path is short enough for that of a socket in it."""
    usual = tempfile.gettempdir()
    return usual if len(os.fsencode(usual)) <= LONGEST_FOLDER else "/tmp"  # noqa: S108


def _stop_together(parts: list[ExitStack]) -> None:
    with ThreadPoolExecutor() as pool:
        list(pool.map(ExitStack.close, parts))


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
