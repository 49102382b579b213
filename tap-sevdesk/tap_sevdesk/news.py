"""Which records are news: digests of what was emitted last, kept in the state from run to run.

A digest is of a record's content, not of its `update`, which payments need not move. A stream that is read by
changes keeps the digests of the newest records inside the lookback window, by id; the next run emits one of
those again only if it differs. A list that is read whole keeps one digest of all its records. A digest always
says what was emitted *last*: a record that is emitted replaces its digest, and digests reach the state with
the STATE message that follows the records. What is forgotten is `None` there, not absent, and digests are no
object: Meltano merges a state into the one before, object by object, after a full refresh for example.
"""

import base64
import hashlib
import logging
import math
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from tap_sevdesk.rows import Row
from tap_sevdesk.streams import Source

MOST = 2000
"""Digests that a stream keeps; records beyond them are emitted again while they are in the window."""
FRONT = 100
"""Records at the front of a history by which it is known again."""
_DIGEST, _DIGEST_TEXT = 8, 11
_ENTRY = re.compile(rf"[\w-]{{{_DIGEST_TEXT}}} .")
_HEX = f"[0-9a-f]{{{4 * _DIGEST}}}"
_KEPT_WHOLE = 500
"""Records that are kept until it is known whether their digest will be needed."""
_SPOOL = 1 << 20
"""Bytes of a list that are held in memory; more are held in a file without a name."""
_CHUNK = 500

_decode = msgspec.json.Decoder(float_hook=str).decode
_encode = msgspec.json.Encoder(order="sorted").encode


def _hash(record: bytes, size: int) -> bytes:
    """Hash a record; the order of its fields does not count, as sevDesk may change it."""
    return hashlib.blake2b(_encode(_decode(record)), digest_size=size).digest()


def digest(record: bytes) -> str:
    """Return the digest of a record, which is given as JSON."""
    return base64.urlsafe_b64encode(_hash(record, _DIGEST)).decode().rstrip("=")


class Digests:
    """The digests of one stream in one run: those `known` from the state, and those of the records seen.

    `window` is how many seconds before the newest change records are worth remembering.
    """

    def __init__(self, known: Mapping[str, str], window: float) -> None:
        self._known = dict(known)
        self._window = window
        self._seen: dict[str, tuple[float, bytes | str]] = {}
        self._newest = -math.inf
        self._floor = -math.inf

    def news(self, rows: Sequence[Row], records: Sequence[bytes], as_of: float) -> list[int]:
        """Return the indexes of those records that are news, and remember all of them.

        `records` are the JSON of the records of `rows`; `as_of` the server's time when the read began, in
        seconds since 1970: a record from the future counts as changed then, as it does for the bookmark.
        """
        news = []
        for index, row in enumerate(rows):
            found: bytes | str = records[index]
            last = self._known.get(row.id) or self._digest_of(row.id)
            if last is not None:
                found = digest(records[index])
            if found != last:
                news.append(index)
                self._known.pop(row.id, None)  # it is not what was emitted last any more
            update = as_of if row.update is None or row.update > as_of else row.update
            if update >= self._floor:
                self._remember(row.id, update, found)
            else:
                self._seen.pop(row.id, None)
        return news

    def _digest_of(self, key: str) -> str | None:
        """Return the digest of a record that this run has seen before."""
        seen = self._seen.get(key)
        if seen is None:
            return None
        return seen[1] if isinstance(seen[1], str) else digest(seen[1])

    def _remember(self, key: str, update: float, found: bytes | str) -> None:
        self._seen.pop(key, None)
        self._seen[key] = (update, found)
        if update > self._newest:
            self._newest = update
            self._floor = max(self._floor, update - self._window)
        if len(self._seen) > MOST + _KEPT_WHOLE:
            self._prune()

    def _prune(self) -> None:
        """Forget what is too old, and what is too much."""
        kept = [(key, *entry) for key, entry in self._seen.items() if entry[0] >= self._floor]
        if len(kept) > MOST:
            kept.sort(key=lambda entry: entry[1])
            del kept[:-MOST]
            self._floor = kept[0][1] + 1
        self._seen = {
            key: (update, found if isinstance(found, str) else digest(found)) for key, update, found in kept
        }

    def after(self, lower_bound: float, *, keep_known: bool) -> dict[str, str]:
        """Return the digests for the next state, the newest last.

        Of the records seen, those changed since `lower_bound` are kept, as the next run will see only those
        again. With `keep_known`, so are digests from the last state of what this run did not emit.
        """
        kept = [(update, key, found) for key, (update, found) in self._seen.items() if update >= lower_bound]
        kept.sort(key=lambda entry: entry[0])
        seen = {key: found if isinstance(found, str) else digest(found) for _, key, found in kept[-MOST:]}
        known = {key: found for key, found in self._known.items() if keep_known and key not in seen}
        return dict(list({**known, **seen}.items())[-MOST:])


class WholeList:
    """The records of a list that is read whole, held back until it is known whether anything has changed.

    `known` is what the state says of what was emitted last; without it, nothing is held back.
    """

    def __init__(self, known: str | None) -> None:
        self._known, _, self._known_front = (known or "").partition("/")
        self._spool = tempfile.SpooledTemporaryFile(_SPOOL) if known else None  # noqa: SIM115
        self._sum = 0
        self._count = 0
        self._front: list[bytes] = []

    def add(self, records: Iterable[bytes]) -> None:
        """Add records to the digest, in any order, and hold them back."""
        for record in records:
            hashed = _hash(record, 2 * _DIGEST)
            self._sum += int.from_bytes(hashed, "big")
            self._count += 1
            if len(self._front) < FRONT:
                self._front.append(hashed)
            if self._spool is not None:
                self._spool.write(record + b"\n")

    @property
    def length_before(self) -> int:
        """How many records were emitted last; 0 if it is not known which of them stood in front."""
        return int(self._known.partition("-")[0]) if self._known_front else 0

    def grow(self, first: Sequence[bytes], total: int | None) -> bool:
        """Take the list as it was emitted last, with what was added to its front, if that is all.

        `first` are the records that are in front now, `total` how many there are in all: behind those that
        are more than before must stand the ones that were in front then.
        """
        more = -1 if total is None else total - self.length_before
        front = [_hash(each, 2 * _DIGEST) for each in first]
        if not 0 <= more <= len(first) - FRONT or _of_front(front[more:]) != self._known_front:
            return False
        self.add(first[:more])
        count, _, summed = self._known.partition("-")
        self._count, self._sum, self._front = self._count + int(count), self._sum + int(summed, 16), front
        return True

    @property
    def digest(self) -> str:
        """The digest of all records, whatever their order."""
        return f"{self._count}-{self._sum % (1 << 8 * 2 * _DIGEST):032x}"

    @property
    def with_front(self) -> str:
        """The digest, and that of the records in front if there are enough."""
        return self.digest if len(self._front) < FRONT else f"{self.digest}/{_of_front(self._front)}"

    def held_back(self, *, all_the_same: bool) -> Iterator[list[bytes]]:
        """Yield the records that were held back if anything has changed, or all the same, some at a time."""
        if self._spool is None or (self._known == self.digest and not all_the_same):
            return
        self._spool.seek(0)
        while lines := [line.rstrip(b"\n") for _, line in zip(range(_CHUNK), self._spool, strict=False)]:
            yield lines

    def close(self) -> None:
        """Forget the records; the file that holds them is removed."""
        if self._spool is not None:
            self._spool.close()


def _of_front(hashes: Sequence[bytes]) -> str:
    return hashlib.blake2b(b"".join(hashes[:FRONT]), digest_size=2 * _DIGEST).hexdigest()


_EMPTY = WholeList(None).digest


class NewsFilter:
    """Tells what is news in one stream and run, and what to remember of it."""

    def __init__(self, digests: Digests, whole: WholeList | None, *, history: bool, compares: bool) -> None:
        self._digests = digests
        self._whole = whole
        self._history = history
        self._rows = 0
        self.compares = compares
        """Whether records are compared with what was emitted last; if not, all of them are emitted."""

    @classmethod
    def begin(
        cls, state: Mapping[str, Any], since: datetime | None, source: Source, *, window: float
    ) -> "NewsFilter":
        """Take what a stream's part of the state says of what was emitted last."""
        known = state.get("list")
        digests = Digests(_by_id(state.get("digests") if since is not None else None), window)
        compares = since is not None or (known is not None if source.whole else known == _EMPTY)
        whole = WholeList(known) if source.whole else None
        return cls(digests, whole, history=source.history, compares=compares)

    @property
    def history_before(self) -> int:
        """How long a history was, if its front is known; 0 for every other list."""
        return self._whole.length_before if self._whole and self._history else 0

    def grow(self, first: Sequence[bytes], total: int | None) -> bool:
        """Take a history as it was, with what was added to its front, if `first` and `total` show it."""
        return self._whole is not None and self._whole.grow(first, total)

    def take(self, rows: Sequence[Row], records: Sequence[bytes], as_of: float) -> Sequence[int]:
        """Return which of the records are to be emitted now; `records` are the JSON of those of `rows`."""
        self._rows += len(rows)
        if self._whole is None:
            return self._digests.news(rows, records, as_of)
        self._whole.add(records)
        return () if self.compares else range(len(records))

    def held_back(self, *, all_the_same: bool) -> Iterator[list[bytes]]:
        """Yield records that are to be emitted after all, when a list has been read to its end."""
        return self._whole.held_back(all_the_same=all_the_same) if self._whole else iter(())

    def remember(
        self, state: dict[str, Any], lower_bound: float, *, complete: bool, keep_known: bool
    ) -> None:
        """Write into the state what was emitted last; an incomplete read knows no more than it emitted."""
        if self._whole is not None:
            if complete:
                state["list"] = self._whole.with_front if self._history else self._whole.digest
            return
        if complete and not self._rows and "replication_key_value" not in state:
            state["list"] = _EMPTY  # a list that has always been empty has no bookmark
        elif "list" in state:
            state["list"] = None
        if not complete:
            lower_bound, keep_known = -math.inf, True
        digests = self._digests.after(lower_bound, keep_known=keep_known)
        state["digests"] = [f"{found} {key}" for key, found in digests.items()] or None

    def close(self) -> None:
        """Forget the records that are held back."""
        if self._whole:
            self._whole.close()


def forget(state: dict[str, Any]) -> bool:
    """Remove from a stream's part of a state what was emitted last; tell whether there was something."""
    known = [name for name in ("digests", "list") if state.get(name)]
    state.update(dict.fromkeys(known))
    return bool(known)


def _by_id(digests: Sequence[str] | None) -> dict[str, str]:
    """Return digests by the ids that stand behind them."""
    return {each[_DIGEST_TEXT + 1 :]: each[:_DIGEST_TEXT] for each in digests or ()}


def usable(name: str, entry: Mapping[str, Any], logger: logging.Logger) -> dict[str, Any]:
    """Return what can be used of a stream's part of a state, beside its bookmark.

    Digests that cannot be right only cost that records are emitted once more.
    """
    kept = {
        key: entry[key]
        for key in ("checked_until", "run", "followed", "schema")
        if isinstance(entry.get(key), str)
    }
    kept |= {key: entry[key] for key in ("total", "counted_at") if type(entry.get(key)) is int}
    kept |= {"row_due": True} if entry.get("row_due") else {}
    whole, digests = entry.get("list"), entry.get("digests")
    if isinstance(whole, str) and re.fullmatch(rf"\d+-{_HEX}(/{_HEX})?", whole):
        kept["list"] = whole
    elif whole is not None:
        logger.warning("The state of %s is damaged: its records are emitted once more.", name)
    if digests is None:
        return kept
    if isinstance(digests, dict):  # as they were written before
        digests = [f"{found} {key}" for key, found in digests.items()]
    if (
        isinstance(digests, list)
        and len(digests) <= MOST
        and all(isinstance(each, str) and _ENTRY.match(each) for each in digests)
    ):
        return kept | {"digests": digests}
    logger.warning("The state of %s is damaged: records of the lookback are emitted once more.", name)
    return kept
