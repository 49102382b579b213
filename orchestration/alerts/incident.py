"""Which message is due, and when: a pure function of what happened and what has been reported already.

An outage begins with a failed run or with data older than promised, and ends with a report on newer data.
Within one outage a cause is reported once, however many runs fail of it; its end is reported once. A run in
the foreground is not reported, as somebody is watching, but ends an outage like any other.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from orchestration.alerts import messages
from orchestration.alerts.channels import Message
from orchestration.names import JOBS
from orchestration.settings import Settings

SECOND = 1.0  # the data's time is kept in whole seconds, rounded down


@dataclass(frozen=True)
class Failure:
    """Why a step failed: where (`sevdesk`, `models`, `report`, or empty) and a sentence for everyone."""

    stage: str
    reason: str


@dataclass(frozen=True)
class Run:
    """A run as far as it has come. Times are Unix seconds; `as_of` is that of the report it made, if it did.

    `retry`: what made it try again, if anything did. `failure`: why it failed, None if it did not.
    """

    run_id: str
    job: str
    foreground: bool
    started: float
    ended: float = 0.0
    as_of: float | None = None
    retry: Failure | None = None
    failure: Failure | None = None
    notices: Mapping[str, str] = field(default_factory=dict)
    """What the report says beside the figures: a key that stays while it is the same, and a sentence."""
    place: int = 0
    """Where its end stands in Dagster's log of events."""

    @property
    def counts(self) -> bool:
        """Whether its failures are reported."""
        return self.job in JOBS and not self.foreground


@dataclass(frozen=True)
class ChannelState:
    """What was sent to a channel, kept as the cursor of its sensor. Times are Unix seconds.

    The names of the fields are in the cursors of installed systems.
    """

    seen: int
    """Up to which place in the log of events the ends of runs were dealt with."""
    watching_since: float
    as_of: float | None = None
    """What the latest report shows."""
    retried: str = ""
    """The run whose retry was reported last."""
    failed: float | None = None
    """When the latest failed run of the present outage started."""
    causes: tuple[str, ...] = ()
    """What was reported in the present outage."""
    late: bool = False
    """Whether it was reported that the data are older than promised."""
    notices: tuple[str, ...] = ()
    """The keys of what the report says beside the figures, as far as it was reported."""

    @property
    def outage(self) -> bool:
        """Whether the channel knows of one that is not over."""
        return self.failed is not None or self.late


Due = tuple[Message | None, ChannelState]
"""What is to be said, if anything, and what the channel knows once that has been sent."""


def at_retry(state: ChannelState, run: Run, settings: Settings) -> Due:
    """Return what is to be said of a run's second attempt, once a run; in a known outage it is no news."""
    if run.retry is None or not run.counts or run.run_id == state.retried or state.outage:
        return None, state
    return messages.retry(run, run.retry, settings), replace(state, retried=run.run_id)


def at_end(state: ChannelState, run: Run, settings: Settings) -> Due:
    """Return what is to be said of the end of `run`.

    A time that is later than the end of a later run comes of a clock that has been put right since.
    There may be more to say: repeat with what was returned until its `seen` has reached the run's `place`.
    """
    if state.failed is not None and state.failed > run.ended:
        state = replace(state, failed=run.started)
    message, after = at_retry(state, run, settings)
    if message:
        return message, after
    if run.failure:
        return _at_failure(state, run, run.failure, settings)
    if run.as_of is None:
        return None, replace(state, seen=run.place)
    message, state = _at_notices(state, run, settings)
    if message:
        return message, state
    return _at_report(state, run, run.as_of, settings)


def _at_failure(state: ChannelState, run: Run, failure: Failure, settings: Settings) -> Due:
    done = replace(state, seen=run.place, as_of=state.as_of if run.as_of is None else run.as_of)
    if not run.counts:
        return None, done
    cause = f"{failure.stage}: {failure.reason}"
    if _without_numbers(cause) in map(_without_numbers, state.causes):
        return None, replace(done, failed=run.started)
    message = messages.failed(run, failure, state.as_of, settings)
    return message, replace(done, failed=run.started, causes=(*state.causes, cause))


def _without_numbers(cause: str) -> str:
    """Return what makes a cause another one: not how many rows, which process, how many seconds."""
    return re.sub(r"\d[\d.,]*", "#", cause)


def _at_notices(state: ChannelState, run: Run, settings: Settings) -> Due:
    """Return what the report newly says beside the figures; what it says no more may be reported again."""
    if not run.counts:
        return None, state
    fresh = [sentence for key, sentence in run.notices.items() if key not in state.notices]
    after = replace(state, notices=tuple(run.notices))
    return (messages.notice(run, fresh, settings) if fresh else None), after


def _at_report(state: ChannelState, run: Run, as_of: float, settings: Settings) -> Due:
    message, after = at(state, run.ended, settings)
    if message:  # no tick saw it while it was so
        return message, after
    done = replace(state, seen=run.place, as_of=as_of)
    recovered = run.ended - as_of <= settings.max_age.total_seconds() and (
        state.failed is None or as_of > state.failed - SECOND
    )
    if not (state.outage and recovered):
        return None, done
    # while only completeness was in doubt, the dashboard did not stand still
    stood_still = state.as_of is None or state.failed is None or state.as_of <= state.failed - SECOND
    message = messages.recovered(run, state.as_of if stood_still else None, as_of, settings)
    return message, replace(done, failed=None, causes=(), late=False)


def at(state: ChannelState, now: float, settings: Settings) -> Due:
    """Return what is to be said because time has passed, once an outage, whatever made the data old."""
    newest = state.watching_since if state.as_of is None else state.as_of
    if state.late or now - newest <= settings.max_age.total_seconds():
        return None, state
    return messages.late(state.as_of, settings), replace(state, late=True)
