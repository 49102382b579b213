"""Whether sevDesk takes the token, and whether its clock and ours agree: the tap is asked."""

import json
import os
import subprocess
from contextlib import suppress

from orchestration.doctor.row import BAD, GOOD, OFF, Given, Row
from orchestration.environment import MELTANO_OPTIONS, ROOT, child_environment, program
from orchestration.settings import as_in_env

PATIENCE_SECONDS = 40.0  # the tap repeats a failed request for half a minute


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
