"""A child process whose output is read line by line and which never outlives the one who started it."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

GRACE_SECONDS = 20.0
PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """A running child process, the head of its own process group."""

    process: subprocess.Popen[str]
    timed_out: bool = False

    def lines(self) -> Iterator[str]:
        """Yield its output (stdout and stderr) as it comes, without line ends, until it ends."""
        for line in self.process.stdout or ():
            yield line.rstrip("\n")

    def exit_code(self) -> int:
        """Wait for the end; return the exit code, negative when a signal ended it."""
        return self.process.wait()


@contextmanager
def child(
    command: Sequence[str | Path],
    *,
    cwd: Path,
    env: dict[str, str],
    timeout: float,
    inherit: Sequence[int] = (),
    grace: float = GRACE_SECONDS,
) -> Iterator[Child]:
    """Start `command` in a process group of its own and end the whole group on the way out, however that is.

    `timeout` and `grace` are seconds: after `timeout` the group is stopped and `timed_out` set. Stopping is
    SIGTERM, SIGKILL after `grace` seconds. `inherit` are open files the child keeps (a lock, for one).
    A group of its own, because Ctrl-C would otherwise reach only some of the processes, and Meltano reports
    success when only the tap was interrupted. On Linux the child also gets SIGTERM when the thread that
    started it dies by SIGKILL or for want of memory.
    """
    with subprocess.Popen(  # noqa: S603
        command,
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        pass_fds=inherit,
        start_new_session=True,
        preexec_fn=_die_with(os.getpid()) if sys.platform == "linux" else None,  # noqa: PLW1509
    ) as process:
        try:  # at once: a signal that ends us may come before the timer has begun
            running = Child(process)

            def expire() -> None:
                running.timed_out = True
                _stop(process, grace)

            timer = threading.Timer(timeout, expire)
            timer.daemon = True
            timer.start()
            try:
                yield running
            finally:
                timer.cancel()
        finally:
            _stop(process, grace)


def _die_with(parent: int) -> Callable[[], None]:
    libc = ctypes.CDLL(None)  # loaded here: between fork and exec only little is allowed

    def ask_kernel() -> None:
        # a shell's `&` leaves SIGINT ignored, for good, and Dagster then treats SIGTERM the same
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before the kernel was asked
            os._exit(1)

    return ask_kernel


def _stop(process: subprocess.Popen[str], grace: float) -> None:
    if process.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(grace)
    with suppress(ProcessLookupError, PermissionError):  # PermissionError: macOS, group of zombies
        os.killpg(process.pid, signal.SIGKILL)  # what is left of the group
    process.wait()
