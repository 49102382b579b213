"""Read the positions of documents: those of the documents that changed, or all of them in one list.

Positions have an `update` of their own but no documented filter, and an edit of a document may delete some
without a trace (BEHAVIOR.md 32). So an incremental run asks for the positions of each document that is news,
or reads the flat list when that needs fewer requests. The bookmark of positions says up to when changed
documents have been followed; it may lag behind that of the documents, when the positions alone could not be
read.

A position may also appear while its document's `update` stays. One request for the server's count shows that
it did: it is more than the last count and the positions made since of the documents that were followed. Then
the flat list is read. It is less after every edit that deletes lines, or makes them anew; to read all lines
would show nothing then.

And it may be saved a moment after its document. So the positions of documents that had changed just before
the last read are asked for once more.
"""

from collections.abc import Generator, Iterable, Iterator, Mapping
from math import ceil, inf
from typing import Any

from tap_sevdesk.errors import GoneError
from tap_sevdesk.reader import StreamReader
from tap_sevdesk.rows import Row
from tap_sevdesk.streams import Source


def read_positions(
    reader: StreamReader,
    source: Source,
    parent: Source,
    parents: StreamReader | None,
    state: Mapping[str, Any],
) -> Iterator[list[Row]]:
    """Yield the positions that a run wants.

    `parents` is the complete read of the documents in this run, if there was one. If it does not reach back
    to the lower bound of the positions, the documents that changed are read again, on the positions'
    account. `state` is what the last run noted in `reader.followed`.
    """
    since = reader.since_seconds
    if reader.since is None or since is None:
        yield from _read_flat(reader, source, {}, None)
        if parents is not None:
            _follow(reader, parents, [parents.largest_update])
        return
    total, counted_at = state.get("total"), state.get("counted_at")
    last = parents.run_before if parents else None
    gapless = last is not None and state.get("followed") == last  # what was news then has been followed
    if parents is None or parents.since is None or parents.since > reader.since:
        parents, gapless = reader.for_parents(), False
        for _ in parents.changes(parent):
            pass
    settled = counted_at - SETTLED if gapless and counted_at is not None else -inf
    now = int(parents.as_of.timestamp()) if parents.as_of else 0
    changed = {
        key: moment
        for key, moment in parents.changed.items()
        if (moment is None or moment >= since)
        and (not gapless or key in parents.news or (moment is not None and settled <= moment <= now))
    }
    if by_parent_is_cheaper(len(changed), total, reader.page_size):
        counted, now = reader.count(source)
        reader.followed = {"total": counted, "counted_at": now}
        made = yield from _read_by_parent(reader, source, parent, changed, counted)
        if counted is not None and total is not None and made is not None:
            expected = total + _made_between(made, counted_at, now)
            if counted > expected:
                reader.remarks.append(
                    f"{source.path} has {counted} rows, but {expected} were expected: it is read whole."
                )
                bound = since if counted_at is None else min(since, counted_at - _LATE)
                yield from _read_flat(reader, source, changed, bound)
    else:
        yield from _read_flat(reader, source, changed, since)
    _follow(reader, parents, changed.values())


SETTLED = 300
"""Seconds before the last read; positions of a document changed in them may have been saved after it."""
_LATE = 3600
"""Seconds before the last count that a position may have been changed that was not in it yet."""


def _made_between(made: Iterable[int | None], last: int | None, now: int) -> int:
    """Return how many positions may have been made after the last count and before this one.

    Nobody knows whether those made in the second of a count are in it.
    """
    return sum(moment is None or last is None or last <= moment <= now for moment in made)


def _follow(reader: StreamReader, parents: StreamReader, updates: Iterable[int | None]) -> None:
    """Have the positions' bookmark know the changes that were followed, and that later ones were not."""
    reader.see(updates)
    reader.followed["followed"] = parents.extraction.run_id
    reader.as_of = min(moment for moment in (reader.as_of, parents.as_of) if moment is not None)
    reader.doubts += parents.doubts
    reader.complete = reader.complete and parents.complete


def _read_flat(
    reader: StreamReader, source: Source, changed: Mapping[str, int | None], since: int | None
) -> Iterator[list[Row]]:
    reader.expected = None
    for rows in reader.everything(source, source.params):
        yield _wanted(reader, rows, changed, since)
    reader.followed = {"total": reader.expected, "counted_at": reader.expected_at}


def _read_by_parent(
    reader: StreamReader,
    source: Source,
    parent: Source,
    changed: Mapping[str, int | None],
    counted: int | None,
) -> Generator[list[Row], None, list[int | None] | None]:
    """Ask for the positions of each changed document; `counted` is the server's count of all positions.

    Return when they were made; `None` once the flat list has come: from a server that ignores the question,
    or as it sent positions of others, or does not know a document that it has just listed. That may have
    been deleted since, or the server does not understand the question; only the list itself tells.
    """
    reader.complete = True
    made: dict[str, int | None] = {}
    for parent_id in changed:
        params = (
            *source.params,
            (f"{source.parent_field}[id]", parent_id),
            (f"{source.parent_field}[objectName]", parent.path.lstrip("/")),
        )
        others, came = False, 0
        try:
            for rows in reader.everything(source, params):
                others = others or any(row.parent not in {None, parent_id} for row in rows)
                came += len(rows)
                made |= {row.id: row.create for row in rows}
                yield _wanted(reader, rows, changed, reader.since_seconds)
        except GoneError:
            yield from _read_flat(reader, source, changed, reader.since_seconds)
            return None
        if others:
            name = f"{source.parent_field}[id]"
            reader.remarks.append(
                f"The server ignores {name}, or a position names another document: the list is read whole."
            )
            if counted is None or came < counted:  # the whole list has not come yet
                yield from _read_flat(reader, source, changed, reader.since_seconds)
            return None
    return list(made.values())


def _wanted(
    reader: StreamReader, rows: list[Row], changed: Mapping[str, int | None], since: int | None
) -> list[Row]:
    """Keep rows that changed themselves or belong to a changed document, or may; in a full read, all."""
    reader.see(row.update for row in rows)
    if since is None:
        return rows
    return [
        row
        for row in rows
        if row.update is None or row.update >= since or row.parent is None or row.parent in changed
    ]


def by_parent_is_cheaper(changed: int, total: int | None, page_size: int) -> bool:
    """Tell whether one request for each changed document is less than the pages of the flat list.

    `total` is the length of the flat list when it was last read; unknown, the flat list is read.
    """
    if total is None:
        return changed == 0
    pages = ceil(total / page_size)
    return changed < pages + (pages > 1)  # a list of several pages is looked at once more from the front
