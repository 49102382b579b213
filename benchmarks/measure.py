"""Run one command to its end and say what it cost."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SCALE = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss: bytes there, kilobytes here
LOOK = 0.1  # seconds between two looks at the memory of a tree
MB = 1e6


@dataclass(frozen=True)
class Cost:
    """Seconds on the wall, seconds of CPU (user and system), peak memory in MB.

    CPU is that of the process and all its descendants that were waited for (`wait4`). `memory` is that of
    the largest process; `tree` that of all together as looked at ten times a second, shared pages counted
    for each of them (Linux only; 0 where nobody asked).
    """

    wall: float
    cpu: float
    memory: float
    tree: float = 0.0


class CommandError(Exception):
    """A command that failed, with the end of what it said."""


def run(
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    stdin: Path | None = None,
    stdout: Path | None = None,
    tree: bool = False,
) -> Cost:
    """Run a command in a session of its own; whatever ends this call ends all its processes.

    Raises:
        CommandError: when its exit code is not 0.

    """
    said = folder / "stderr.log"
    with contextlib.ExitStack() as files:
        source = files.enter_context((stdin or Path(os.devnull)).open("rb"))
        sink = files.enter_context((stdout or Path(os.devnull)).open("wb"))
        errors = files.enter_context(said.open("wb"))
        started = time.perf_counter()
        child = subprocess.Popen(  # noqa: S603 - the benchmark's own commands
            command, cwd=folder, env=environment, stdin=source, stdout=sink, stderr=errors,
            start_new_session=True,
        )  # fmt: skip
        peak = [0.0]
        try:
            with _watched(child.pid, peak) if tree else contextlib.nullcontext():
                _, status, used = os.wait4(child.pid, 0)
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
        wall = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        end = "\n".join(said.read_text("utf-8", errors="replace").splitlines()[-20:])
        raise CommandError(f"{' '.join(command)}: exit code {child.returncode}\n{end}")
    return Cost(wall, used.ru_utime + used.ru_stime, _memory(used), peak[0] / MB)


def _memory(used: resource.struct_rusage) -> float:
    """Return the peak of the largest process. To Linux a child begins as large as its parent."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if used.ru_maxrss <= own:
        raise CommandError(f"the benchmark takes {own} kB itself, what it measures {used.ru_maxrss}")
    return used.ru_maxrss * SCALE / MB


@contextlib.contextmanager
def _watched(root: int, peak: list[float]) -> Iterator[None]:
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(LOOK):
            peak[0] = max(peak[0], _resident(root))

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _resident(root: int) -> float:
    """Return the bytes that a process and its descendants hold."""
    parents, sizes = {}, {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            parents[int(entry.name)], sizes[int(entry.name)] = int(fields[1]), int(fields[21])
    total, family = 0, {root}
    for process in sorted(parents):  # a child's number is larger than its parent's, but for an overflow
        if process in family or parents[process] in family:
            family.add(process)
            total += sizes[process]
    return float(total * resource.getpagesize())
