"""`make dev`: the parts that deploy/ starts, together, until somebody stops them or one of them ends."""

import os
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from orchestration import this_machine
from orchestration.environment import ROOT, SettingsError, dagster_home, program
from orchestration.idle import DEV, HELD, answers
from orchestration.meltano.child import Child, child
from orchestration.meltano.lock import BusyError, only_one
from orchestration.settings import read_all
from orchestration.variables import Variables

PARTS = {
    "code": "dagster code-server start --module-name orchestration.definitions",
    "web": "python -m orchestration.ui",
    "daemon": "dagster-daemon run --workspace deploy/workspace.yaml",
    "webhook": "python -m orchestration.webhook",
}
SOCKET = "DAGSTER_CODE_SERVER_SOCKET"  # read by Dagster itself, and by deploy/workspace.yaml
POLL_SECONDS = 0.2


def main(arguments: Sequence[str]) -> int:
    """Run all parts, the web interface on the port of the first argument; return the exit code."""
    try:
        return _start("".join(arguments[:1]))
    except BusyError:
        stopped = HELD[DEV]
    except SettingsError as error:
        stopped = str(error)
    print(f"Error: {stopped}", file=sys.stderr)
    return 1


def _start(wanted: str) -> int:
    problems: list[str] = []
    port = Variables({"PORT": wanted}, problems).number("PORT", 3000, 1, 65_535)
    if problems:
        raise SettingsError(*problems)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    _, settings = read_all()
    if problem := this_machine.problem(dagster_home()):
        raise SettingsError(problem)
    with only_one(dagster_home() / DEV):  # two daemons would start each run twice
        for needed, setting in ((port, "make dev PORT=3001"), (settings.web.port, "WEBHOOK_PORT in .env")):
            try:
                socket.create_server(("127.0.0.1", needed)).close()
            except OSError as error:
                advice = f"Stop what uses it, or choose another: {setting}"
                raise SettingsError(f"Port {needed} is in use. {advice}") from error
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
        # there, as the path of a socket may have some 100 bytes, and that of TMPDIR may be longer
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="sevdesk-", dir="/tmp")))
        environment = {**os.environ, SOCKET: str(folder / "code.sock")}
        stack.callback(_stop_together, parts)
        for name, command in PARTS.items():
            first, *rest = command.split()
            rest += ["--port", str(port)] if name == "web" else []
            parts.append(ExitStack())
            part = parts[-1].enter_context(
                child([program(first), *rest], cwd=ROOT, env=environment, timeout=threading.TIMEOUT_MAX)
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


def _stop_together(parts: list[ExitStack]) -> None:
    with ThreadPoolExecutor() as pool:
        list(pool.map(ExitStack.close, parts))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
