"""What is told to whom, and when: a pure function of what happened and what has been told already.

An outage begins with a failed run or with data older than promised, and ends with a report on newer data.
Within one outage a cause is told once, however many runs fail of it; its end is told once. A run in the
foreground is not told of, as somebody is watching, but ends an outage like any other.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

from orchestration.alerts import messages
from orchestration.alerts.channels import Message
from orchestration.names import JOBS

SECOND = 1.0  # the data's time is kept in whole seconds, rounded down


@dataclass(frozen=True)
class Trouble:
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
    watched: bool
    started: float
    ended: float = 0.0
    as_of: float | None = None
    retry: Trouble | None = None
    failure: Trouble | None = None
    notices: Mapping[str, str] = field(default_factory=dict)
    """What the report says beside the figures: a key that stays while it is the same, and a sentence."""
    place: int = 0
    """Where its end stands in Dagster's log of events."""

    @property
    def counts(self) -> bool:
        """Whether its troubles are told."""
        return self.job in JOBS and not self.watched


@dataclass(frozen=True)
class Told:
    """What a channel knows, kept as the cursor of its sensor. Times are Unix seconds."""

    seen: int
    """Up to which place in the log of events the ends of runs were dealt with."""
    watching_since: float
    as_of: float | None = None
    """What the latest report shows."""
    retried: str = ""
    """The run whose retry was told last."""
    failed: float | None = None
    """When the latest failed run of the present outage started."""
    causes: tuple[str, ...] = ()
    """What was told in the present outage."""
    late: bool = False
    """Whether it was told that the data are older than promised."""
    notices: tuple[str, ...] = ()
    """The keys of what the report says beside the figures, as far as it was told."""

    def cursor(self) -> str:
        """Return it as text."""
        return json.dumps(asdict(self))

    @classmethod
    def of(cls, cursor: str) -> "Told":
        """Return what `cursor` says."""
        fields = json.loads(cursor)
        lists = {name: tuple(fields.get(name, ())) for name in ("causes", "notices")}
        return cls(**{**fields, **lists})

    @property
    def outage(self) -> bool:
        """Whether the channel knows of one that is not over."""
        return self.failed is not None or self.late


def at_retry(told: Told, run: Run, url: str) -> tuple[Message | None, Told]:
    """Return what is to be said of a run's second attempt, once a run; in a known outage it is no news."""
    if run.retry is None or not run.counts or run.run_id == told.retried or told.outage:
        return None, told
    return messages.retry(run, run.retry, url), replace(told, retried=run.run_id)


def at_end(told: Told, run: Run, max_age: float, url: str) -> tuple[Message | None, Told]:
    """Return what is to be said of the end of `run`, and what the channel knows once that has been sent.

    There may be more to say: repeat with what was returned until its `seen` has reached the run's `place`.
    `max_age` is in seconds.
    """
    message, after = at_retry(told, run, url)
    if message:
        return message, after
    if run.failure:
        return _at_failure(told, run, run.failure, url)
    if run.as_of is None:
        return None, replace(told, seen=run.place)
    message, told = _at_notices(told, run, url)
    if message:
        return message, told
    return _at_report(told, run, run.as_of, max_age, url)


def _at_failure(told: Told, run: Run, trouble: Trouble, url: str) -> tuple[Message | None, Told]:
    done = replace(told, seen=run.place, as_of=told.as_of if run.as_of is None else run.as_of)
    if not run.counts:
        return None, done
    cause = f"{trouble.stage}: {trouble.reason}"
    if cause in told.causes:
        return None, replace(done, failed=run.started)
    message = messages.failed(run, trouble, told.as_of, url)
    return message, replace(done, failed=run.started, causes=(*told.causes, cause))


def _at_notices(told: Told, run: Run, url: str) -> tuple[Message | None, Told]:
    """Return what the report newly says beside the figures; what it says no more may be told anew later."""
    if not run.counts:
        return None, told
    fresh = [sentence for key, sentence in run.notices.items() if key not in told.notices]
    after = replace(told, notices=tuple(run.notices))
    return (messages.notice(run, fresh, url) if fresh else None), after


def _at_report(told: Told, run: Run, as_of: float, max_age: float, url: str) -> tuple[Message | None, Told]:
    message, after = at(told, run.ended, max_age, url)
    if message:  # nobody could be told while it was so
        return message, after
    done = replace(told, seen=run.place, as_of=as_of)
    healed = run.ended - as_of <= max_age and (told.failed is None or as_of > told.failed - SECOND)
    if not (told.outage and healed):
        return None, done
    # while only completeness was in doubt, the dashboard did not stand still
    stood_still = told.as_of is None or told.failed is None or told.as_of <= told.failed - SECOND
    message = messages.recovered(run, told.as_of if stood_still else None, as_of, url)
    return message, replace(done, failed=None, causes=(), late=False)


def at(told: Told, now: float, max_age: float, url: str) -> tuple[Message | None, Told]:
    """Return what is to be said because time has passed, once an outage, whatever made the data old."""
    newest = told.watching_since if told.as_of is None else told.as_of
    if told.late or now - newest <= max_age:
        return None, told
    return messages.late(told.as_of, max_age, url), replace(told, late=True)
