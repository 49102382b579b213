"""Whether a run or `make dev` is at work in this folder: `python -m orchestration.idle`, before `make reset`.

What is deleted below them they would miss in ways that nobody understands.
"""

import sys
from pathlib import Path

from orchestration.environment import dagster_home
from orchestration.meltano.lock import BusyError, only_one

RUN, DEV = "foreground.lock", "dev.lock"
HELD = {
    RUN: "Another run is still going on in this folder. Wait until it has ended.",
    DEV: "`make dev` is running in this folder. Stop it first.",
}


def at_work(home: Path) -> str | None:
    """Return what is at work with `home`, Dagster's folder, and what to do; None if nothing is."""
    for name, sentence in HELD.items():
        if (home / name).exists():
            try:
                with only_one(home / name):
                    pass
            except BusyError:
                return sentence
    return None


if __name__ == "__main__":
    found = at_work(dagster_home())
    sys.exit(f"Error: {found}" if found else 0)
