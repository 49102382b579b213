"""The books at the moment the clock shows: what the firm wrote, and what somebody wrote by hand."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, TypeVar, cast

from sevdesk_sandbox.clock import Clock, epoch_of, stamp
from sevdesk_sandbox.ledger import SOFT, Row
from sevdesk_sandbox.places import EXTRA_COUNTRIES
from sevdesk_sandbox.records import BLANKS, Record
from sevdesk_sandbox.spoilt import spoilt
from sevdesk_sandbox.switches import Switches, pairs
from sevdesk_sandbox.views import view

if TYPE_CHECKING:
    from sevdesk_sandbox.life import Life

T = TypeVar("T")


def key_of(row: Row) -> tuple[int, str]:
    """Sort ids as numbers."""
    return len(row.id), row.id


class Books:
    """Records by resource, as of the clock. May be used by several threads."""

    def __init__(self, clock: Clock, switches: Switches, life: Life | None) -> None:
        """Open the books of a firm, or empty ones."""
        self._clock = clock
        self._switches = switches
        self._life = life
        self._by_hand: dict[str, dict[str, Row | None]] = defaultdict(dict)
        self._next_id = 9_000_000_001 if life else 1
        self._changes = 0
        self._state: tuple[Hashable, ...] = ()
        self._cache: dict[Hashable, object] = {}
        self._lock = threading.RLock()

    def rows(self, resource: str) -> list[Record]:
        """Return the truth: every record of a resource as the API sends it now, newest first."""
        return [dict(row.record) for row in self.table(resource)]

    def put(self, resource: str, fields: Record, *, exact: bool = False) -> Record:
        """Create a record by hand, or change the one with that id; returns it.

        What is not given is as in a fresh record (or stays as it is); `create` and `update` are now. With
        `exact` the record is taken as it is given, without anything added but an id. The firm leaves alone
        what was written by hand.
        """
        with self._lock:
            key = fields.get("id")
            if key is None:
                key, self._next_id = str(self._next_id), self._next_id + 1
            record: Record = {"id": key}
            if not exact:
                old = self._present(resource).get(key)
                record = dict(old.record) if old else {**BLANKS[resource], "id": key}
                moved = {"update"} if old else {"create", "update"}
                record |= dict.fromkeys(moved & record.keys(), stamp(self._clock.epoch))
            record |= fields
            row = Row(record, epoch_of(record.get("create")), epoch_of(record.get("update")), exact=exact)
            self._write_by_hand(resource, key, row)
            return dict(self._written(row).record)

    def spoil(self, resource: str, key: str, sent: bytes) -> None:
        """Make the record with that id arrive as these bytes, whatever they are."""
        with self._lock:
            row = self._spoilt(self._present(resource)[key], sent)
            self._write_by_hand(resource, key, row)

    def delete(self, resource: str, key: str) -> None:
        """Delete a record by hand, as in sevDesk: without a trace, but for bank lines."""
        with self._lock:
            if resource == SOFT and key in self._present(resource):
                self.put(resource, {"id": key, "deletedAt": stamp(self._clock.epoch)})
            else:
                self._write_by_hand(resource, key, None)

    def restore(self, key: str) -> None:
        """Bring a deleted bank line back, with its id."""
        self.put(SOFT, {"id": key, "deletedAt": None, "restoredAt": stamp(self._clock.epoch)})

    def table(self, resource: str) -> list[Row]:
        """Return the rows that a list holds, as sent, newest `create` first."""
        return self.cached(("table", resource), lambda: self._table(resource))

    def find(self, resource: str, key: str) -> Row | None:
        """Return one row as sent, deleted bank lines included."""
        row = self._present(resource).get(key)
        if row is None or (_is_deleted(resource, row) and self._switches.bank_deletes == "hard"):
            return None
        return self._written(row)

    def encode(self, row: Row) -> bytes:
        """Return a row as JSON."""
        if row.sent is None:
            row.sent = json.dumps(row.record, separators=(",", ":")).encode()
        return row.sent

    def cached(self, key: Hashable, make: Callable[[], T]) -> T:
        """Compute something about the present state of the books once, until they change."""
        with self._lock:
            lived = self._life.run_until(self._clock.epoch) if self._life else 0
            state = (lived, self._changes, self._switches.version)
            if state != self._state:
                self._state = state
                self._cache.clear()
            if key not in self._cache:
                self._cache[key] = make()
            return cast("T", self._cache[key])

    def _present(self, resource: str) -> dict[str, Row]:
        return self.cached(("present", resource), lambda: self._merge(resource))

    def _merge(self, resource: str) -> dict[str, Row]:
        rows = self._life.rows(resource, self._switches) if self._life else {}
        by_hand = self._by_hand[resource]
        rows |= {key: row for key, row in by_hand.items() if row}
        return {key: row for key, row in rows.items() if by_hand.get(key, row)}

    def _write_by_hand(self, resource: str, key: str, row: Row | None) -> None:
        self._by_hand[resource][key] = row
        self._changes += 1

    def _written(self, row: Row) -> Row:
        """Return a row as the switches write it; written once for each of their versions."""
        if row.exact:
            return row
        if row.written is None or row.version != self._switches.version:
            sums = self._life.chain_sums if self._life else {}
            row.written = Row(view(row.record, self._switches, sums), row.created, row.updated)
            row.version = self._switches.version
        return row.written

    def _table(self, resource: str) -> list[Row]:
        rows = [row for row in self._present(resource).values() if not _is_deleted(resource, row)]
        if resource == "StaticCountry" and self._switches.country_codes == "clean":
            rows = [row for row in rows if row.id not in EXTRA_COUNTRIES]
        rows = sorted(rows, key=lambda row: (row.created or 0, key_of(row)), reverse=True)
        rows = [self._written(row) for row in rows]
        if (kind := pairs(self._switches.undecodable).get(resource)) and rows:
            middle = len(rows) // 2
            rows[middle] = self._spoilt(rows[middle], spoilt(rows[middle].record, kind))
        return rows

    @staticmethod
    def _spoilt(row: Row, sent: bytes) -> Row:
        copy = Row(row.record, row.created, row.updated, exact=True)
        copy.sent = sent
        return copy


def _is_deleted(resource: str, row: Row) -> bool:
    return resource == SOFT and bool(row.record.get("deletedAt"))
