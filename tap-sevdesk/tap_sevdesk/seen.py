"""What paging remembers of each row, in some 20 bytes: a million rows must not fill the memory.

A dictionary of objects takes 270 bytes a row (measured). sevDesk's ids are whole numbers, so one fits into
six bytes, and what is to be known of it into eight. They are kept in buckets and found by a search for the
bytes. An id that is no such number goes into a dictionary, so none is ever mistaken for another.
"""

from collections.abc import Iterable
from typing import NamedTuple

BUCKETS = 8191
"""So many that a bucket holds some hundred rows of a million, which are searched in a fraction of a µs."""
LONG = 15
"""Digits that may not fit into six bytes any more."""
ID, ENTRY = 6, 14
_SECONDS, _PASSES, _PLACES = 35, 6, 22
_LATEST, _MOST = (1 << _SECONDS) - 2, 1 << _PLACES


class Known(NamedTuple):
    """What is remembered of a row: its version, the pass that saw it last, its place in that pass's order.

    A row is `fresh` that had been changed in the very second in which it was read: in a list by time, others
    that are changed in that second may come to stand on either side of it.
    """

    version: int | None
    seen_in: int
    place: int | None
    fresh: bool


Key = int | str
"""A row's id: the number it is, if it fits and is written in one way only; otherwise the text."""


def short(version: int) -> int:
    """Return a version that fits: one before 1970 counts as that, one after the year 3058 as that."""
    return min(max(version, 0), _LATEST)


def _pack(version: int | None, seen_in: int, place: int | None, *, fresh: bool) -> int:
    number = (0 if version is None else version + 1) << _PASSES | seen_in
    return (number << _PLACES | (0 if place is None or place >= _MOST else place)) << 1 | fresh


def _unpack(number: int) -> Known:
    number, fresh = number >> 1, bool(number & 1)
    number, place = number >> _PLACES, number % _MOST
    number, seen_in = number >> _PASSES, number % (1 << _PASSES)
    return Known(number - 1 if number else None, seen_in, place or None, fresh)


class Seen:
    """The rows of a list by their keys. Versions are whole seconds, passes and places count from 1."""

    def __init__(self) -> None:
        self._buckets: list[bytearray | None] = [None] * BUCKETS
        self._others: dict[str, Known] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count + len(self._others)

    def look(self, identities: Iterable[str]) -> tuple[list[Key], list[Known | None]]:
        """Return the keys of rows and what is known of each."""
        keys: list[Key] = []
        found: list[Known | None] = []
        buckets = self._buckets
        for identity in identities:
            if identity.isdigit() and identity.isascii() and identity[0] != "0" and len(identity) < LONG:
                key = int(identity)
                bucket = buckets[key % BUCKETS]
                keys.append(key)
                if bucket is None or (at := bucket.find(key.to_bytes(ID, "little"))) < 0:
                    found.append(None)
                else:
                    found.append(_known(bucket, key, at))
            else:
                keys.append(identity)
                found.append(self._others.get(identity))
        return keys, found

    def get(self, key: Key) -> Known | None:
        """Return what is known of a row."""
        if isinstance(key, str):
            return self._others.get(key)
        bucket = self._buckets[key % BUCKETS]
        return None if bucket is None else _known(bucket, key, bucket.find(key.to_bytes(ID, "little")))

    def add(self, key: Key, version: int | None, seen_in: int, place: int | None, *, fresh: bool) -> None:
        """Remember a row of which nothing is known."""
        if isinstance(key, str):
            self._others[key] = Known(version, seen_in, place, fresh)
            return
        bucket = self._buckets[key % BUCKETS]
        if bucket is None:
            bucket = self._buckets[key % BUCKETS] = bytearray()
        number = _pack(version, seen_in, place, fresh=fresh)
        bucket += key.to_bytes(ID, "little") + number.to_bytes(ENTRY - ID, "little")
        self._count += 1

    def replace(self, key: Key, version: int | None, seen_in: int, place: int | None, *, fresh: bool) -> None:
        """Remember a row anew."""
        if isinstance(key, str):
            self._others[key] = Known(version, seen_in, place, fresh)
            return
        bucket = self._buckets[key % BUCKETS]
        assert bucket is not None  # noqa: S101  # it is there
        at = _entry_of(bucket, key, bucket.find(key.to_bytes(ID, "little")))
        number = _pack(version, seen_in, place, fresh=fresh)
        bucket[at + ID : at + ENTRY] = number.to_bytes(ENTRY - ID, "little")


def _entry_of(bucket: bytearray, key: int, at: int) -> int:
    """Return where a key stands of which the bytes were found at some place; negative when it does not."""
    while at > 0 and at % ENTRY:  # the same bytes, but across two entries
        at = bucket.find(key.to_bytes(ID, "little"), at + 1)
    return at


def _known(bucket: bytearray, key: int, at: int) -> Known | None:
    at = _entry_of(bucket, key, at)
    return None if at < 0 else _unpack(int.from_bytes(bucket[at + ID : at + ENTRY], "little"))
