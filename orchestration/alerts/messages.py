"""The words of the alerts: for the finance team, in plain sentences, with the engineer's link apart.

No secret and no customer's data: reasons come from `public` texts only, and known secrets are struck out.
"""

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sevdesk_report import age, german, language

from orchestration.alerts.channels import Message
from orchestration.settings import SECRETS

if TYPE_CHECKING:
    from orchestration.alerts.incident import Run, Trouble

MOST = 400
PATIENCE = (
    "The next scheduled update tries again by itself; if the cause lasts, somebody has to fix it. There is "
    "no further message about this cause; one follows as soon as the dashboard is up to date again."
)
STAGES = {
    "sevdesk": "while reading from sevDesk",
    "models": "while building and checking the figures",
    "report": "while checking and writing the report",
}


def retry(run: "Run", trouble: "Trouble", url: str) -> Message:
    """Return that a run had to try again."""
    return Message(
        ":hourglass_flowing_sand:",
        "Invoice dashboard: an update needs a second attempt",
        f"The update started at {_time(run.started)} failed {_where(trouble)}: {_safe(trouble.reason)}\n"
        "It tries again by itself, up to three times within some seven minutes. There is nothing to do; "
        "if that does not help, another message follows.",
        f"{url}/runs/{run.run_id}",
    )


def failed(run: "Run", trouble: "Trouble", as_of: float | None, url: str) -> Message:
    """Return that a run failed, and since when the dashboard is outdated, or that it is incomplete."""
    return Message(
        ":red_circle:",
        f"Invoice dashboard: not {'complete' if run.as_of else 'up to date'}, an update failed",
        f"The update started at {_time(run.started)} failed {_where(trouble)}: {_safe(trouble.reason)}\n"
        f"{_incomplete(run.as_of) if run.as_of else _outdated(as_of)}\n{PATIENCE}",
        f"{url}/runs/{run.run_id}",
    )


def notice(run: "Run", sentences: Sequence[str], url: str) -> Message:
    """Return what somebody should look at, though the update went well."""
    return Message(
        ":warning:",
        "Invoice dashboard: something to look at",
        "\n".join([_safe(sentence) for sentence in sentences])
        + "\nAll other figures are up to date. There is one more message only if this changes.",
        f"{url}/runs/{run.run_id}",
    )


def late(as_of: float | None, max_age: float, url: str) -> Message:
    """Return that the data are older than promised."""
    return Message(
        ":warning:",
        "Invoice dashboard: data older than promised",
        f"The data should never be older than {age(timedelta(seconds=max_age), language('en'))}, "
        "and no complete update has come through in that time.\n"
        f"{_outdated(as_of)}\n"
        "Somebody should look into it. One more message follows when the dashboard is up to date again.",
        f"{url}/assets/report",
    )


def recovered(run: "Run", since: float | None, as_of: float, url: str) -> Message:
    """Return that the dashboard is up to date again, and `since` when it had stood still, if it had."""
    gap = "" if since is None else f" It had stood still since {_time(since)}."
    return Message(
        ":white_check_mark:",
        "Invoice dashboard: up to date again",
        f"It is complete and shows the data as of {_time(as_of)}.{gap}\nThere is nothing to do.",
        f"{url}/runs/{run.run_id}",
    )


def _outdated(as_of: float | None) -> str:
    if as_of is None:
        return "The dashboard has no data yet."
    return f"The dashboard still shows data as of {_time(as_of)}; it has been outdated since."


def _incomplete(as_of: float) -> str:
    return f"The dashboard shows the data as of {_time(as_of)} all the same; some may be missing."


def _where(trouble: "Trouble") -> str:
    return STAGES.get(trouble.stage, "before it could finish")


def _time(seconds: float) -> str:
    return f"{german.moment(datetime.fromtimestamp(seconds, UTC))} (Berlin)"


def _safe(reason: str) -> str:
    for name in SECRETS:
        if secret := os.environ.get(name, "").strip():
            reason = reason.replace(secret, "***")
    reason = " ".join(reason.split())
    return reason if len(reason) <= MOST else f"{reason[:MOST]} ..."
