"""Whether anything is at work in this folder: `python -m orchestration.idle`, before `make reset`.

What is deleted below them they would miss in ways that nobody understands.
"""

import socket
import sys
from pathlib import Path

from orchestration.environment import dagster_home
from orchestration.meltano.lock import BusyError, only_one

RUN, DEV = "foreground.lock", "dev.lock"
HELD = {
    RUN: "Another run is still going on in this folder. Wait until it has ended.",
    DEV: "`make dev` is running in this folder. Stop it first.",
}
SERVICES = "The services of deploy/ are running in this folder. Stop them first."


def at_work(home: Path) -> str | None:
    """Return what is at work with `home`, Dagster's folder, and what to do; None if nothing is."""
    for name, sentence in HELD.items():
        if (home / name).exists():
            try:
                with only_one(home / name):
                    pass
            except BusyError:
                return sentence
    # where deploy/systemd puts it; that of `make dev` lies elsewhere
    return SERVICES if answers(home / "code.sock") else None


def answers(path: Path) -> bool:
    """Return whether somebody listens on the socket `path`, as the code server does."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            return probe.connect_ex(str(path)) == 0
        except OSError:  # a longer path than a socket can have
            return False


if __name__ == "__main__":
    found = at_work(dagster_home())
    sys.exit(f"Error: {found}" if found else 0)
