"""The ECB's exchange rates: a `meltano run` of their own in the first run, every night, once a day at least.

They are the same for every account, and new ones come once a day, so an hourly run does without.
"""

import logging
import time
from pathlib import Path

from orchestration.environment import ROOT, Environment
from orchestration.meltano.run import ReadError, Say, read

TAP = "tap-ecb"
MAX_AGE_SECONDS = 20 * 3600.0
TIMEOUT_SECONDS = 600.0


def read_rates(environment: Environment, say: Say, *, full: bool, root: Path = ROOT) -> int | None:
    """Read the rates into the warehouse of `environment` if they are due; return how many came, or None.

    `full` reads them all, due or not. Once they are there, a failure is a warning, as rates of the day before
    serve, too. Raises ReadError when there are none yet.
    """
    read_at = root / "output" / f".rates-{environment.name}"  # beside the warehouse, and gone with it
    known = read_at.exists()
    if known and not full and 0 <= time.time() - read_at.stat().st_mtime < MAX_AGE_SECONDS:
        return None
    try:
        log = read(environment, say, tap=TAP, full=full or not known, timeout=TIMEOUT_SECONDS, root=root)
    except ReadError as error:
        if not known:
            raise
        say(logging.WARNING, f"The exchange rates could not be renewed; those of before are used. {error}")
        return None
    read_at.parent.mkdir(exist_ok=True)
    read_at.touch()
    return log.rows["exchange_rates"]
