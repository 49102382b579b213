"""Whether the figures may be relied on: all lists that they need are read, to the end, and lately."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from orchestration import german
from orchestration.figures import Figures, Stream

# An update starts every hour and is stopped after 55 minutes: older than two hours, one must have failed.
STALE_AFTER = timedelta(hours=2)
EVERY = timedelta(hours=1)


@dataclass(frozen=True)
class Trouble:
    """Why the figures are not to be relied on: what it means and what to do, in a sentence."""

    title: str
    text: str


def troubles(figures: Figures, now: datetime) -> list[Trouble]:
    """Return what is wrong with the data at `now`, an aware instant; nothing if all is well."""
    never = [stream for stream in figures.streams if stream.as_of is None]
    part = [stream for stream in figures.streams if stream.as_of is not None and doubt(stream)]
    stale = [stream for stream in figures.streams if is_stale(stream, now)]
    found = []
    if len(never) == len(figures.streams):
        text = "There are no figures to rely on: run the pipeline (make run) and see what it says."
        found.append(Trouble("Nothing has been read completely yet.", text))
    elif never:
        text = (
            f"{_names(never).capitalize()} have never been read completely, so what depends on them is "
            "missing or wrong here: run the pipeline again (make run) and see what it says."
        )
        found.append(Trouble("Incomplete.", text))
    if part:
        text = (
            f"The latest read of {_names(part)} did not see everything, so documents may be missing from "
            "these totals: have all read anew (make nightly; logs/meltano.log says what it met)."
        )
        found.append(Trouble("Incomplete.", text))
    if stale:
        since = min(stream.as_of for stream in stale if stream.as_of)
        text = (
            f"{_names(stale).capitalize()} have not been read completely since {german.moment(since)}, so "
            "later changes are missing here: have the hourly update looked at (make dev shows why it failed)."
        )
        found.append(Trouble("Out of date.", text))
    return found


def doubt(stream: Stream) -> str:
    """Return what is wrong with the latest read of `stream` in a word or two, or nothing."""
    if stream.as_of is None:
        return "never read"
    if stream.count_agrees is False and stream.seen is not None and stream.expected is not None:
        return f"{german.count(stream.seen)} of {german.count(stream.expected)}"
    return "" if stream.complete else "not complete"


def is_stale(stream: Stream, now: datetime) -> bool:
    """Whether an hourly update must have failed since `stream` was last read completely."""
    return stream.as_of is not None and now - stream.as_of > STALE_AFTER


def title(stream: Stream) -> str:
    """Return `credit_notes` as `Credit notes`."""
    return stream.name.replace("_", " ").capitalize()


def _names(streams: Iterable[Stream]) -> str:
    """Return `invoices, credit notes and contacts`."""
    *first, last = [stream.name.replace("_", " ") for stream in streams]
    return f"{', '.join(first)} and {last}" if first else last
