"""A process that has the tap loaded and forks one child for each order: starting a tap costs milliseconds.

Orders come as lines of JSON, `{"arguments": [...], "stdout": path, "stderr": path}`; answers are two
lines, the process id of the child and, when it has ended, its exit code (below 0: a signal).
"""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tap_sevdesk.tap import TapSevDesk


def serve() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            for number, path in ((1, order["stdout"]), (2, order["stderr"])):
                os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
            logging.getLogger().handlers.clear()
            try:
                TapSevDesk.cli.main(order["arguments"])
            except SystemExit as end:
                sys.stdout.flush()
                os._exit(end.code if isinstance(end.code, int) else 1)
            os._exit(0)
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


class TapProcesses:
    """Start taps from a test; use as a context manager."""

    def __enter__(self) -> "TapProcesses":
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, *error: object) -> None:
        self._process.terminate()
        self._process.wait()

    def run(
        self, arguments: list[str], out: Path, err: Path, started: Callable[[int], object] | None = None
    ) -> int:
        """Run the tap to its end and return its exit code; `started` is given its process id."""
        assert self._process.stdin
        assert self._process.stdout
        order: dict[str, Any] = {"arguments": arguments, "stdout": str(out), "stderr": str(err)}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        child = int(self._process.stdout.readline())
        if started:
            started(child)
        return int(self._process.stdout.readline())


if __name__ == "__main__":
    serve()
