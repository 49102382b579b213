"""Read the positions of documents: those of the documents that changed, or all of them in one list.

Positions have an `update` of their own but no documented filter, and an edit of a document may delete some
without a trace (BEHAVIOR.md 32). So an incremental run asks for the positions of each changed document, or
reads the flat list when that needs fewer requests. The bookmark of positions says up to when changed
documents have been followed; it may lag behind that of the documents, when the positions alone could not be
read.
"""

from collections.abc import Iterable, Iterator, Mapping
from math import ceil

from tap_sevdesk.errors import GoneError
from tap_sevdesk.reading import Reading
from tap_sevdesk.rows import Row
from tap_sevdesk.streams import Source


def read_positions(
    reading: Reading, source: Source, parent: Source, parents: Reading | None
) -> Iterator[list[Row]]:
    """Yield the positions that a run wants.

    `parents` is the complete read of the documents in this run, if there was one. If it does not reach back
    to the lower bound of the positions, the documents that changed are read again, on the positions'
    account.
    """
    since = reading.since_seconds
    if reading.since is None or since is None:
        yield from _read_flat(reading, source, {})
        if parents is not None:
            _follow(reading, parents, [parents.largest_update])
        return
    if parents is None or parents.since is None or parents.since > reading.since:
        parents = reading.beside()
        for _ in parents.changes(parent):
            pass
    changed = {key: moment for key, moment in parents.changed.items() if moment is None or moment >= since}
    if by_parent_is_cheaper(len(changed), reading.length, reading.page_size):
        yield from _read_by_parent(reading, source, parent, changed)
    else:
        yield from _read_flat(reading, source, changed)
    _follow(reading, parents, changed.values())


def _follow(reading: Reading, parents: Reading, updates: Iterable[int | None]) -> None:
    """Have the positions' bookmark know the changes that were followed, and that later ones were not."""
    reading.see(updates)
    reading.as_of = min(moment for moment in (reading.as_of, parents.as_of) if moment is not None)
    reading.doubts += parents.doubts
    reading.complete = reading.complete and parents.complete


def _read_flat(reading: Reading, source: Source, changed: Mapping[str, int | None]) -> Iterator[list[Row]]:
    for rows in reading.everything(source, source.params):
        yield _wanted(reading, rows, changed)
    reading.length = reading.extraction.total_after


def _read_by_parent(
    reading: Reading, source: Source, parent: Source, changed: Mapping[str, int | None]
) -> Iterator[list[Row]]:
    """Ask for the positions of each changed document; one that has been deleted since has none.

    A server that ignores the question sends the flat list, so once is enough then.
    """
    reading.complete = True
    for parent_id in changed:
        params = (
            *source.params,
            (f"{source.parent_field}[id]", parent_id),
            (f"{source.parent_field}[objectName]", parent.path.lstrip("/")),
        )
        others = False
        try:
            for rows in reading.everything(source, params):
                others = others or any(row.parent != parent_id for row in rows)
                yield _wanted(reading, rows, changed)
        except GoneError:
            continue
        if others:
            name = f"{source.parent_field}[id]"
            reading.remarks.append(
                f"The server ignores {name}: it sent positions of others. Nothing is missed."
            )
            reading.length = reading.extraction.total_after
            return


def _wanted(reading: Reading, rows: list[Row], changed: Mapping[str, int | None]) -> list[Row]:
    """Keep rows that changed themselves or belong to a changed document; in a full read, all."""
    reading.see(row.update for row in rows)
    since = reading.since_seconds
    if since is None:
        return rows
    return [row for row in rows if row.update is None or row.update >= since or row.parent in changed]


def by_parent_is_cheaper(changed: int, total: int | None, page_size: int) -> bool:
    """Tell whether one request for each changed document is less than the pages of the flat list.

    `total` is the length of the flat list when it was last read; unknown, the flat list is read.
    """
    if total is None:
        return changed == 0
    pages = ceil(total / page_size)
    return changed < pages + (pages > 1)  # a list of several pages is looked at once more from the front
