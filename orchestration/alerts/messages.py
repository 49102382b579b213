"""The words of the alerts: for the finance team, in plain sentences, with the engineer's link apart.

No secret and no customer's data: reasons come from `public` texts only, and known secrets are struck out.
"""

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sevdesk_report import Language, age

from orchestration.alerts import language
from orchestration.alerts.channels import Message
from orchestration.published import NOT_COPIED
from orchestration.settings import SECRETS, Settings

if TYPE_CHECKING:
    from orchestration.alerts.incident import Failure, Run

MOST = 400
STAGES = {
    "sevdesk": "while reading from sevDesk",
    "models": "while building and checking the figures",
    "report": "while checking and writing the report",
}
UNFINISHED = "before it could finish"


def retry(run: "Run", failure: "Failure", settings: Settings) -> Message:
    """Return that a run had to try again."""
    words = language.words(settings.language)
    advice = words.text(
        "It tries again by itself, up to three times within some seven minutes. There is nothing to do; "
        "if that does not help, another message follows."
    )
    title = words.text("Invoice dashboard: an update needs a second attempt")
    lines = [_what_failed(run, failure, words), advice]
    return _message(":hourglass_flowing_sand:", title, lines, settings, f"runs/{run.run_id}")


def failed(run: "Run", failure: "Failure", as_of: float | None, settings: Settings) -> Message:
    """Return that a run failed, and what that means for the dashboard.

    It is outdated, or incomplete, or only the copy of the warehouse is missing.
    """
    words = language.words(settings.language)
    if run.as_of is None:
        title = words.text("Invoice dashboard: not up to date, an update failed")
        meaning = _outdated(as_of, words)
    elif failure.reason == NOT_COPIED:
        title = words.text("Invoice dashboard: up to date, but the copy of the warehouse is not")
        meaning = _complete(run.as_of, words)
    else:
        title = words.text("Invoice dashboard: not complete, an update failed")
        meaning = words.text(
            "The dashboard shows the data as of %(moment)s all the same; some may be missing.",
            moment=_time(run.as_of, words),
        )
    advice = words.text(
        "The next scheduled update tries again by itself; if the cause lasts, somebody has to fix it. "
        "There is no further message about this cause; one follows as soon as the dashboard is up to "
        "date again."
    )
    lines = [_what_failed(run, failure, words), meaning, advice]
    return _message(":red_circle:", title, lines, settings, f"runs/{run.run_id}")


def notice(run: "Run", sentences: Iterable[str], settings: Settings) -> Message:
    """Return what somebody should look at, though the update went well."""
    text = language.words(settings.language).text
    title = text("Invoice dashboard: something to look at")
    rest = text("All other figures are up to date. There is one more message only if this changes.")
    return _message(":warning:", title, [*map(_safe, sentences), rest], settings, f"runs/{run.run_id}")


def late(as_of: float | None, settings: Settings) -> Message:
    """Return that the data are older than promised."""
    words = language.words(settings.language)
    promise = words.text(
        "The data should never be older than %(age)s, and no complete update has come through in that time.",
        age=age(settings.max_age, words),
    )
    advice = words.text(
        "Somebody should look into it. One more message follows when the dashboard is up to date again."
    )
    title = words.text("Invoice dashboard: data older than promised")
    return _message(":warning:", title, [promise, _outdated(as_of, words), advice], settings, "assets/report")


def recovered(run: "Run", since: float | None, as_of: float, settings: Settings) -> Message:
    """Return that the dashboard is up to date again, and `since` when it had stood still, if it had."""
    words = language.words(settings.language)
    state = _complete(as_of, words)
    if since is not None:
        state += " " + words.text("It had stood still since %(moment)s.", moment=_time(since, words))
    title = words.text("Invoice dashboard: up to date again")
    lines = [state, words.text("There is nothing to do.")]
    return _message(":white_check_mark:", title, lines, settings, f"runs/{run.run_id}")


def test(code: str) -> Message:
    """Return the message that `make doctor SEND=1` sends, in the language `code`."""
    text = language.words(code).text
    said = text("`make doctor SEND=1` sent this; alerts come here.")
    return Message(":wave:", text("Invoice dashboard: a test"), said, language=code)


def _message(mark: str, title: str, lines: Iterable[str], settings: Settings, page: str) -> Message:
    """Return a message that leads people to the dashboard, and engineers to `page` of Dagster's interface."""
    dashboard = {"Dashboard": settings.web.public} if settings.web.public else {}
    engineers = language.words(settings.language).text("For engineers")
    links = {**dashboard, engineers: f"{settings.dagster_url}/{page}"}
    return Message(mark, title, "\n".join(lines), links, settings.language)


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


def _time(seconds: float, words: Language) -> str:
    return f"{words.moment(datetime.fromtimestamp(seconds, UTC))} (Berlin)"


def _safe(reason: str) -> str:
    for name in SECRETS:
        if secret := os.environ.get(name, "").strip():
            reason = reason.replace(secret, "***")
    reason = " ".join(reason.split())
    return reason if len(reason) <= MOST else f"{reason[:MOST]} ..."
