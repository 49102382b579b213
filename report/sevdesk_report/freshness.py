"""Whether the figures may be relied on: all lists that they need are read, to the end, and lately."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sevdesk_report import german
from sevdesk_report.figures import Figures, Stream


@dataclass(frozen=True)
class Trouble:
    """Why the figures are not to be relied on: what it means and what to do, in a sentence."""

    title: str
    text: str


def troubles(figures: Figures, now: datetime, max_age: timedelta) -> list[Trouble]:
    """Return what is wrong with the data at `now`, an aware instant; nothing if all is well.

    `max_age` is the promise: how old the data may get.
    """
    never = [stream for stream in figures.streams if stream.as_of is None]
    part = [stream for stream in figures.streams if stream.as_of is not None and doubt(stream)]
    stale = [stream for stream in figures.streams if is_stale(stream, now, max_age)]
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
            "later changes are missing here: have the updates looked at (make dev shows why they failed)."
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


def miscount(figures: Figures) -> str:
    """Return of which streams the latest read saw not as many as the server counts, in a sentence, if any.

    Without the counts themselves: the same fault says the same an hour later, and is told once.
    """
    gaps = [(stream, (stream.seen or 0) - (stream.expected or 0)) for stream in figures.miscounted]
    parts = [
        f"{german.count(abs(gap))} {'more' if gap > 0 else 'fewer'} {_names([stream])}"
        for stream, gap in gaps
    ]
    return f"The latest read saw {_listed(parts)} than sevDesk counts." if parts else ""


def is_stale(stream: Stream, now: datetime, max_age: timedelta) -> bool:
    """Whether `stream` was last read completely longer ago than promised."""
    return stream.as_of is not None and now - stream.as_of > max_age


def hours(age: timedelta) -> str:
    """Return `3 hours`, or minutes unless they are whole hours and more than one."""
    minutes = round(age / timedelta(minutes=1))
    return f"{minutes // 60} hours" if minutes % 60 == 0 and minutes > 60 else f"{minutes} minutes"  # noqa: PLR2004


def title(stream: Stream) -> str:
    """Return `credit_notes` as `Credit notes`."""
    return stream.name.replace("_", " ").capitalize()


def _names(streams: Iterable[Stream]) -> str:
    """Return `invoices, credit notes and contacts`."""
    return _listed([stream.name.replace("_", " ") for stream in streams])


def _listed(parts: list[str]) -> str:
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last
