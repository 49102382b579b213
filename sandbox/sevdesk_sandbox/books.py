"""The books at the moment the clock shows: what the firm wrote, and on top of it what a test wrote by hand."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from sevdesk_sandbox.clock import Clock, epoch_of, stamp
from sevdesk_sandbox.ledger import Row
from sevdesk_sandbox.records import BLANKS, Record
from sevdesk_sandbox.switches import Switches
from sevdesk_sandbox.views import view

if TYPE_CHECKING:
    from sevdesk_sandbox.firm import Firm


def key_of(row: Row) -> tuple[int, str]:
    """Sort ids as numbers."""
    return len(row.id), row.id


class Books:
    """Records by resource, as of the clock; safe to use from several threads under `lock`."""

    def __init__(self, clock: Clock, switches: Switches, seed: int | None, size: int = 0) -> None:
        """Open the books of the firm of a seed, None for empty ones; `size` adds as many plain invoices."""
        self.lock = threading.RLock()
        self._clock = clock
        self._switches = switches
        self._seed = seed
        self._size = size
        self._firm: Firm | None = None
        self._carts: list[tuple[int, int]] = []
        self._by_hand: dict[str, dict[str, Row | None]] = defaultdict(dict)
        self._next_id = 1 if seed is None else 9_000_000_001
        self._state: tuple[int, int] = (-1, -1)
        self._changes = 0
        self._cache: dict[Any, Any] = {}

    def rows(self, resource: str) -> list[Record]:
        """Return the truth: every record of a resource as the API sends it now, newest first."""
        return [dict(row.record) for row in self.table(resource)]

    def put(self, resource: str, fields: Record, *, exact: bool = False) -> Record:
        """Create a record by hand, or change the one with that id; returns it.

        What is not given is as in a fresh record (or stays as it is), `create` and `update` are now. With `exact` the
        record is taken as it is given, without anything added.
        """
        with self.lock:
            key = fields.get("id")
            if key is None:
                key, self._next_id = str(self._next_id), self._next_id + 1
            old = None if exact else self._raw(resource).get(key)
            record: Record = dict(fields) | {"id": key}
            if not exact:
                now = stamp(self._clock.epoch)
                fresh = dict(BLANKS.get(resource, {"objectName": resource, "create": None, "update": None}))
                for name in {"create", "update"} & fresh.keys():
                    fresh[name] = now
                base = old.record | ({"update": now} if "update" in fresh else {}) if old else fresh
                record = {**base, **record}
            times = (epoch_of(record.get("create")), epoch_of(record.get("update")))
            self._by_hand[resource][key] = Row(record, *times)
            self._changes += 1
            return dict(record)

    def delete(self, resource: str, key: str) -> None:
        """Delete a record by hand: it is gone without a trace, as in sevDesk."""
        with self.lock:
            self._by_hand[resource][key] = None
            self._changes += 1

    def resources(self) -> set[str]:
        """Name the resources a sandbox knows and those somebody put records into."""
        return BLANKS.keys() | self._by_hand.keys()

    def table(self, resource: str) -> list[Row]:
        """Return the rows of a resource, newest `create` first."""
        with self.lock:
            return self.cached(("table", resource), lambda: self._table(resource))

    def find(self, resource: str, key: str) -> Row | None:
        """Return one row."""
        with self.lock:
            index = self.cached(("index", resource), lambda: {row.id: row for row in self.table(resource)})
            return index.get(key)

    def cached(self, key: object, make: Callable[[], Any]) -> Any:
        """Compute something about the present state of the books once."""
        self._catch_up()
        if key not in self._cache:
            self._cache[key] = make()
        return self._cache[key]

    def encode(self, row: Row) -> bytes:
        """Return a row as JSON."""
        if row.sent is None:
            row.sent = json.dumps(row.record, separators=(",", ":")).encode()
        return row.sent

    def _catch_up(self) -> None:
        """Let the firm live up to the clock; forget what was cached if anything changed."""
        epoch = self._clock.epoch
        if self._seed is not None:
            from sevdesk_sandbox.firm import Firm  # noqa: PLC0415 - Faker costs time that empty books save
            from sevdesk_sandbox.hourly import carts  # noqa: PLC0415

            if self._firm is None or epoch < self._firm.ledger.until:
                self._firm = Firm(self._seed)
            changed = self._firm.run_until(epoch)
            present = carts(epoch)
            if changed or present != self._carts:
                self._carts = present
                self._changes += 1
        state = (self._changes, self._switches.version)
        if state != self._state:
            self._state = state
            self._cache.clear()

    def _raw(self, resource: str) -> dict[str, Row]:
        return self.cached(("raw", resource), lambda: self._merge(resource))  # type: ignore[no-any-return]

    def _merge(self, resource: str) -> dict[str, Row]:
        rows: dict[str, Row] = {}
        if self._firm is not None and self._seed is not None:
            from sevdesk_sandbox.hourly import cart_rows  # noqa: PLC0415

            rows |= self._firm.ledger.tables[resource]
            rows |= _by_id(cart_rows(self._seed, self._carts).get(resource, ()))
        by_hand = self._by_hand[resource]
        rows |= {key: row for key, row in by_hand.items() if row}
        return {key: row for key, row in rows.items() if by_hand.get(key, row)}

    def _table(self, resource: str) -> list[Row]:
        rows: Iterable[Row] = self._raw(resource).values()
        if self._switches.rewriting():
            cumulative = self._firm.cumulative if self._firm else {}
            rows = [
                Row(view(row.record, self._switches, cumulative), row.created, row.updated) for row in rows
            ]
        return sorted(rows, key=lambda row: (row.created or 0, key_of(row)), reverse=True)


def _by_id(rows: Iterable[Row]) -> dict[str, Row]:
    return {row.id: row for row in rows}
