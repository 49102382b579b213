"""Did anything change in sevDesk? A handful of requests answer it, for whoever runs the tap when it did.

    look = watch.look(config, cursor)      # config as the tap's; the cursor of the look before, or None
    if look.changed: ...                   # run the tap
    cursor = look.cursor                   # keep it

Lists that understand `updateAfter` are asked for what changed since the look before, credit notes for their
count and their first row. A row counts once: what has been seen at this version is not news, and what is
older than the look before is none either, so a server that ignores `updateAfter` reports no change for ever.
Positions and the other lists are not looked at; the next full or hourly run finds what changed there alone.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from importlib import metadata
from typing import Any

import msgspec

from tap_sevdesk.client import Client, Tally
from tap_sevdesk.errors import TapError
from tap_sevdesk.inputs import SETTINGS, normalise, problems
from tap_sevdesk.rows import with_fields
from tap_sevdesk.streams import SOURCES, Source

WATCHED = [source for source in SOURCES if source.filtered or source.name == "credit_notes"]
ROWS = 100
"""Rows to look at in each list; more changes than that in a minute are seen all the same, as one."""
OVERLAP = 10
"""Seconds before the last look that are looked at again: a row may appear after the second it is dated."""
_DAY = 86_400


class WatchError(TapError):
    """sevDesk could not be asked; the text says why in one sentence."""


@dataclass(frozen=True)
class Look:
    """Whether anything changed since the look before, and what the next look has to be given."""

    changed: bool
    cursor: str


@dataclass
class _Memory:
    """What is kept from one look to the next; times are seconds since 1970 by sevDesk's clock.

    `seen` are the rows that were news, each as its id and version, `counts` the lengths of lists that are not
    filtered, or of which more is news than one look shows.
    """

    since: int
    seen: dict[str, list[str]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


def look(config: Mapping[str, Any], cursor: str | None) -> Look:
    """Ask sevDesk once whether anything changed; the first look, without a cursor, only begins to watch.

    Raises `WatchError` when there is no answer. Nothing is repeated: the next look is a minute away.
    """
    memory = _remember(cursor)
    try:
        client = _client(config)
        return _look(client, memory)
    except WatchError:
        raise
    except TapError as error:
        raise WatchError(str(error)) from None


def _client(config: Mapping[str, Any]) -> Client:
    known = SETTINGS["properties"]
    settings = normalise({name: value for name, value in config.items() if name in known}, known)
    names = [source.name for source in SOURCES]
    for problem in problems(settings, known, names, datetime.now(timezone.utc)):
        raise WatchError(problem)
    return Client(
        api_url=settings["api_url"].rstrip("/"),
        token=settings["api_token"],
        user_agent=settings.get("user_agent") or f"tap-sevdesk/{metadata.version('tap-sevdesk')}",
        timeout=settings["request_timeout"],
        requests_per_second=settings["requests_per_second"],
        attempts=1,
    )


def _remember(cursor: str | None) -> _Memory | None:
    try:
        return None if cursor is None else msgspec.json.decode(cursor, type=_Memory)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None  # of another version, or cut off: begin anew


def _look(client: Client, memory: _Memory | None) -> Look:
    following: _Memory | None = None
    changed = False
    for source in WATCHED:
        since = None if memory is None else memory.since
        answer = client.get(source.path, _params(source, since), Tally())
        now = int(answer.as_of.timestamp())
        if memory is not None and memory.since > now + _DAY:
            memory, changed = None, True  # sevDesk's clock was set back
        following = following or _Memory(now - OVERLAP)
        rows = answer.objects if isinstance(answer.objects, list) else []
        news, filtered = _news(rows, source, -1 if memory is None else memory.since)
        following.seen[source.name] = news
        more = len(news) >= ROWS  # there may be others behind these
        if answer.total is not None and (more or not filtered):
            following.counts[source.name] = answer.total
        if memory is not None:
            before = memory.counts.get(source.name)
            changed = changed or bool(set(news) - set(memory.seen.get(source.name, ())))
            changed = changed or (not filtered and before is not None and before != answer.total)
            changed = changed or (more and (answer.total is None or before != answer.total))
    assert following is not None  # noqa: S101  # there are lists to watch
    return Look(changed, json.dumps(asdict(following), separators=(",", ":")))


def _params(source: Source, since: int | None) -> list[tuple[str, str]]:
    limit = ROWS if source.filtered and since is not None else 1
    asked = [*source.params, ("limit", str(limit)), ("countAll", "true")]
    return [*asked, ("updateAfter", str(since - 1))] if source.filtered and since is not None else asked


def _news(sent: Sequence[msgspec.Raw], source: Source, since: int) -> tuple[list[str], bool]:
    """Return the rows changed since, each as id and version, and whether the server left out the others."""
    news, filtered = [], source.filtered
    for raw in sent:
        try:
            row = with_fields(raw, "")
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
            continue  # the run will name it
        if row.update is not None and row.update >= since:
            news.append(f"{row.id}@{row.update}")
        elif row.update is not None and row.update < since - 1:
            filtered = False
    return news, filtered
