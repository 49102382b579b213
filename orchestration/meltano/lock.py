"""One read at a time on this machine; one that was killed is marked as failed.

Meltano marks a run as running in its database and refuses a second one until the mark is five minutes old.
After a kill -9 nobody removes the mark. So a read started here also holds a lock file, which the kernel frees
when the last process holding it is gone: who gets the lock knows that no read of this machine is running,
and may have Meltano note those marks as failed. A mark left by a `meltano run` typed by hand stays, as it may
be running.
"""

import fcntl
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestration.environment import ROOT

TRIGGER = f"orchestration on {socket.gethostname()}"
ALREADY_RUNNING = "pipeline is already running"


class BusyError(Exception):
    """Another process holds the lock."""


@contextmanager
def only_one(path: Path, patience: float = 0) -> Iterator[int]:
    """Hold the lock file `path`; yield the open file, to pass on to a child that goes on holding it.

    Waits `patience` seconds for a holder that is just ending, then raises BusyError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        deadline = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() >= deadline:
                    raise BusyError(f"{path} is held by another process") from error
            time.sleep(0.1)
        yield file
    finally:
        os.close(file)


def mark_killed_as_failed(root: Path, env: dict[str, str]) -> int:
    """Have Meltano note reads of ours that still count as running as failed; return how many.

    The caller must hold the lock. A process of its own does it, since Meltano is slow to import.
    """
    done = subprocess.run(
        [sys.executable, "-m", "orchestration.meltano.lock"],
        cwd=root,
        env={**env, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return int(done.stdout.split()[-1])


def _main() -> None:
    """Mark them by Meltano's own classes; print how many."""
    from meltano.core.db import project_engine  # noqa: PLC0415
    from meltano.core.job.job import Job, State  # noqa: PLC0415
    from meltano.core.project import Project  # noqa: PLC0415

    _, session_maker = project_engine(Project.find())
    with session_maker() as session:
        killed = session.query(Job).filter_by(state=State.RUNNING, trigger=TRIGGER).all()
        for job in killed:
            job.fail("The process was killed.")
            job.save(session)
    print(len(killed))


if __name__ == "__main__":
    _main()
