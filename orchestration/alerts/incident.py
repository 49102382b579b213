"""Which message is due, and when: a pure function of what happened and what has been reported already.

An outage begins with a failed run or with data older than promised, and ends with a report on newer data.
Within one outage a cause is reported once, however many runs fail of it; its end is reported once. A run in
the foreground is not reported, as somebody is watching, but ends an outage like any other.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace

from sevdesk_report import Language

from orchestration.alerts import language, messages
from orchestration.alerts.channels import Message
from orchestration.names import JOBS

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
class Options:
    """What all messages depend on.

    `max_age`: how old the data may get, in seconds; `url`: Dagster's UI; `language`: the code of one.
    """

    max_age: float
    url: str
    language: str

    @property
    def words(self) -> Language:
        """The words of the language."""
        return language.words(self.language)


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

    def cursor(self) -> str:
        """Return it as text."""
        return json.dumps(asdict(self))

    @classmethod
    def of(cls, cursor: str) -> "ChannelState":
        """Return what `cursor` says; what only a later version knows, which was taken back, is left out."""
        kept = {each.name for each in fields(cls)}
        found = {name: value for name, value in json.loads(cursor).items() if name in kept}
        lists = {name: tuple(found.get(name, ())) for name in ("causes", "notices")}
        return cls(**{**found, **lists})

    @property
    def outage(self) -> bool:
        """Whether the channel knows of one that is not over."""
        return self.failed is not None or self.late


def at_retry(state: ChannelState, run: Run, options: Options) -> tuple[Message | None, ChannelState]:
    """Return what is to be said of a run's second attempt, once a run; in a known outage it is no news."""
    if run.retry is None or not run.counts or run.run_id == state.retried or state.outage:
        return None, state
    return messages.retry(run, run.retry, options), replace(state, retried=run.run_id)


def at_end(state: ChannelState, run: Run, options: Options) -> tuple[Message | None, ChannelState]:
    """Return what is to be said of the end of `run`, and what the channel knows once that has been sent.

    A time that is later than the end of a later run comes of a clock that has been put right since.
    There may be more to say: repeat with what was returned until its `seen` has reached the run's `place`.
    """
    if state.failed is not None and state.failed > run.ended:
        state = replace(state, failed=run.started)
    message, after = at_retry(state, run, options)
    if message:
        return message, after
    if run.failure:
        return _at_failure(state, run, run.failure, options)
    if run.as_of is None:
        return None, replace(state, seen=run.place)
    message, state = _at_notices(state, run, options)
    if message:
        return message, state
    return _at_report(state, run, run.as_of, options)


def _at_failure(
    state: ChannelState, run: Run, failure: Failure, options: Options
) -> tuple[Message | None, ChannelState]:
    done = replace(state, seen=run.place, as_of=state.as_of if run.as_of is None else run.as_of)
    if not run.counts:
        return None, done
    cause = f"{failure.stage}: {failure.reason}"
    if _without_numbers(cause) in map(_without_numbers, state.causes):
        return None, replace(done, failed=run.started)
    message = messages.failed(run, failure, state.as_of, options)
    return message, replace(done, failed=run.started, causes=(*state.causes, cause))


def _without_numbers(cause: str) -> str:
    """Return what makes a cause another one: not how many rows, which process, how many seconds."""
    return re.sub(r"\d[\d.,]*", "#", cause)


def _at_notices(state: ChannelState, run: Run, options: Options) -> tuple[Message | None, ChannelState]:
    """Return what the report newly says beside the figures; what it says no more may be reported again."""
    if not run.counts:
        return None, state
    fresh = [sentence for key, sentence in run.notices.items() if key not in state.notices]
    after = replace(state, notices=tuple(run.notices))
    return (messages.notice(run, fresh, options) if fresh else None), after


def _at_report(
    state: ChannelState, run: Run, as_of: float, options: Options
) -> tuple[Message | None, ChannelState]:
    message, after = at(state, run.ended, options)
    if message:  # no tick saw it while it was so
        return message, after
    done = replace(state, seen=run.place, as_of=as_of)
    recovered = run.ended - as_of <= options.max_age and (
        state.failed is None or as_of > state.failed - SECOND
    )
    if not (state.outage and recovered):
        return None, done
    # while only completeness was in doubt, the dashboard did not stand still
    stood_still = state.as_of is None or state.failed is None or state.as_of <= state.failed - SECOND
    message = messages.recovered(run, state.as_of if stood_still else None, as_of, options)
    return message, replace(done, failed=None, causes=(), late=False)


def at(state: ChannelState, now: float, options: Options) -> tuple[Message | None, ChannelState]:
    """Return what is to be said because time has passed, once an outage, whatever made the data old."""
    newest = state.watching_since if state.as_of is None else state.as_of
    if state.late or now - newest <= options.max_age:
        return None, state
    return messages.late(state.as_of, options), replace(state, late=True)
