"""The words of the alerts: for the finance team, in plain sentences, with the engineer's link apart.

No secret and no customer's data: reasons come from `public` texts only, and known secrets are struck out.
"""

import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sevdesk_report import Language, age

from orchestration.alerts import language
from orchestration.alerts.channels import Message
from orchestration.published import NOT_COPIED
from orchestration.settings import SECRETS

if TYPE_CHECKING:
    from orchestration.alerts.incident import Failure, Options, Run

MOST = 400
STAGES = {
    "sevdesk": "while reading from sevDesk",
    "models": "while building and checking the figures",
    "report": "while checking and writing the report",
}
UNFINISHED = "before it could finish"


def retry(run: "Run", failure: "Failure", options: "Options") -> Message:
    """Return that a run had to try again."""
    text = options.words.text
    return Message(
        ":hourglass_flowing_sand:",
        text("Invoice dashboard: an update needs a second attempt"),
        _what_failed(run, failure, options.words)
        + "\n"
        + text(
            "It tries again by itself, up to three times within some seven minutes. There is nothing to do; "
            "if that does not help, another message follows."
        ),
        f"{options.url}/runs/{run.run_id}",
        language=options.language,
    )


def failed(run: "Run", failure: "Failure", as_of: float | None, options: "Options") -> Message:
    """Return that a run failed, and what that means for the dashboard.

    It is outdated, or incomplete, or only the copy of the warehouse is missing.
    """
    text = options.words.text
    if run.as_of is None:
        title = text("Invoice dashboard: not up to date, an update failed")
        meaning = _outdated(as_of, options.words)
    elif failure.reason == NOT_COPIED:
        title = text("Invoice dashboard: up to date, but the copy of the warehouse is not")
        meaning = _complete(run.as_of, options.words)
    else:
        title = text("Invoice dashboard: not complete, an update failed")
        meaning = _incomplete(run.as_of, options.words)
    return Message(
        ":red_circle:",
        title,
        _what_failed(run, failure, options.words)
        + "\n"
        + meaning
        + "\n"
        + text(
            "The next scheduled update tries again by itself; if the cause lasts, somebody has to fix it. "
            "There is no further message about this cause; one follows as soon as the dashboard is up to "
            "date again."
        ),
        f"{options.url}/runs/{run.run_id}",
        language=options.language,
    )


def notice(run: "Run", sentences: Sequence[str], options: "Options") -> Message:
    """Return what somebody should look at, though the update went well."""
    text = options.words.text
    rest = text("All other figures are up to date. There is one more message only if this changes.")
    return Message(
        ":warning:",
        text("Invoice dashboard: something to look at"),
        "\n".join([*(_safe(sentence) for sentence in sentences), rest]),
        f"{options.url}/runs/{run.run_id}",
        language=options.language,
    )


def late(as_of: float | None, options: "Options") -> Message:
    """Return that the data are older than promised."""
    text = options.words.text
    return Message(
        ":warning:",
        text("Invoice dashboard: data older than promised"),
        "\n".join(
            [
                text(
                    "The data should never be older than %(age)s, and no complete update has come through "
                    "in that time.",
                    age=age(timedelta(seconds=options.max_age), options.words),
                ),
                _outdated(as_of, options.words),
                text(
                    "Somebody should look into it. One more message follows when the dashboard is up to "
                    "date again."
                ),
            ]
        ),
        f"{options.url}/assets/report",
        language=options.language,
    )


def recovered(run: "Run", since: float | None, as_of: float, options: "Options") -> Message:
    """Return that the dashboard is up to date again, and `since` when it had stood still, if it had."""
    text = options.words.text
    gap = (
        ""
        if since is None
        else " " + text("It had stood still since %(moment)s.", moment=_time(since, options.words))
    )
    return Message(
        ":white_check_mark:",
        text("Invoice dashboard: up to date again"),
        f"{_complete(as_of, options.words)}{gap}\n" + text("There is nothing to do."),
        f"{options.url}/runs/{run.run_id}",
        language=options.language,
    )


def test(code: str) -> Message:
    """Return the message that `make doctor SEND=1` sends, in the language `code`."""
    text = language.words(code).text
    return Message(
        ":wave:",
        text("Invoice dashboard: a test"),
        text("`make doctor SEND=1` sent this; alerts come here."),
        "",
        language=code,
    )


def _what_failed(run: "Run", failure: "Failure", words: Language) -> str:
    return words.text(
        "The update started at %(moment)s failed %(where)s: %(reason)s",
        moment=_time(run.started, words),
        where=words.text(STAGES.get(failure.stage, UNFINISHED)),
        reason=_safe(language.reason(failure.reason, words)),
    )


def _outdated(as_of: float | None, words: Language) -> str:
    if as_of is None:
        return words.text("The dashboard has no data yet.")
    return words.text(
        "The dashboard still shows data as of %(moment)s; it has been outdated since.",
        moment=_time(as_of, words),
    )


def _complete(as_of: float, words: Language) -> str:
    return words.text("It is complete and shows the data as of %(moment)s.", moment=_time(as_of, words))


def _incomplete(as_of: float, words: Language) -> str:
    return words.text(
        "The dashboard shows the data as of %(moment)s all the same; some may be missing.",
        moment=_time(as_of, words),
    )


def _time(seconds: float, words: Language) -> str:
    return f"{words.moment(datetime.fromtimestamp(seconds, UTC))} (Berlin)"


def _safe(reason: str) -> str:
    for name in SECRETS:
        if secret := os.environ.get(name, "").strip():
            reason = reason.replace(secret, "***")
    reason = " ".join(reason.split())
    return reason if len(reason) <= MOST else f"{reason[:MOST]} ..."
