"""Whether sevDesk takes the token, and whether its clock and ours agree."""

import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import suppress
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from orchestration.doctor.row import BAD, GOOD, OFF, Given, Row
from orchestration.environment import MELTANO_OPTIONS, ROOT, Environment, child_environment, program
from orchestration.settings import as_in_env

SEVDESK = "https://my.sevdesk.de/api/v1"
PATIENCE_SECONDS = 40.0  # the tap repeats a failed request for half a minute
CLOCK_SECONDS = 30.0  # Snowflake takes a key's signature for a minute


def token(given: Given) -> Row:
    """Whether sevDesk takes the token, and which bookkeeping system the account has: Meltano asks the tap."""
    if not os.environ.get("SEVDESK_API_KEY", "").strip():
        return Row(OFF, "no SEVDESK_API_KEY: the sandbox stands in, with made-up books")
    command = [str(program("meltano")), *MELTANO_OPTIONS, "invoke", "tap-sevdesk", "--test"]
    env = child_environment(given.environment)
    try:
        asked = subprocess.run(  # noqa: S603 - a program of ours
            command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return Row(BAD, "It does not answer. Does the network of this machine let HTTPS out to it?")
    if works := next((line for line in asked.stdout.splitlines() if "token works" in line), None):
        return Row(GOOD, f"{works} `make probe` says how it answers, for an issue or for you.")
    return Row(BAD, _complaint(asked.stderr))


def _complaint(log: str) -> str:
    """Return the first error of Meltano's log, with the tap's settings called as in .env."""
    for line in log.splitlines():
        with suppress(ValueError):
            entry = json.loads(line)
            if entry.get("level") == "error" and entry.get("event"):
                return as_in_env(str(entry["event"]))
    return "The tap does not start. `make install` installs it."


def clock(given: Given) -> Row:
    """Whether the clock of this machine agrees with sevDesk's: asked without the token, for the time only."""
    if not os.environ.get("SEVDESK_API_KEY", "").strip():
        return Row(OFF, "nothing to compare it with")
    parts = urlsplit(address(given.environment))
    try:
        with urllib.request.urlopen(f"{parts.scheme}://{parts.netloc}/", timeout=10) as answer:  # noqa: S310
            date = answer.headers["Date"]
    except urllib.error.HTTPError as error:
        date = error.headers["Date"]
    except (OSError, ValueError):
        return Row(BAD, f"{parts.netloc} does not say the time. Does the network let HTTPS out to it?")
    ahead = time.time() - parsedate_to_datetime(date).timestamp() if date else 0.0
    if abs(ahead) <= CLOCK_SECONDS:
        return Row(GOOD, f"within {CLOCK_SECONDS:.0f} s of sevDesk's")
    which = "ahead of" if ahead > 0 else "behind"
    return Row(BAD, f"{abs(ahead):.0f} s {which} sevDesk's. Let NTP set it (timedatectl set-ntp true).")


def address(environment: Environment) -> str:
    """Return the address of the API as Meltano gives it to the tap."""
    own = os.environ.get("TAP_SEVDESK_API_URL")  # Meltano puts it before all
    return own or {**os.environ, **environment.env}.get("SEVDESK_API_URL") or SEVDESK
