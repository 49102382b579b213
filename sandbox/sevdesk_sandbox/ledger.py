"""Planned changes in time order, and the records that stand after those up to a moment."""

from __future__ import annotations

import heapq
from collections import defaultdict
from typing import Any

from sevdesk_sandbox.clock import stamp
from sevdesk_sandbox.records import BLANKS, TIMELESS, Record

NUMBER_FIELDS = {"Invoice": "invoiceNumber", "CreditNote": "creditNoteNumber", "Order": "orderNumber"}


class Row:
    """A record with what a server needs to know of it at once; times are Unix seconds, None when it bears none."""

    __slots__ = ("created", "id", "record", "sent", "updated")

    def __init__(self, record: Record, created: int | None, updated: int | None) -> None:
        """Wrap a record; `sent` caches its bytes."""
        self.id: str = record["id"]
        self.record = record
        self.created = created
        self.updated = updated
        self.sent: bytes | None = None


class Ledger:
    """Keeps plans for the future and the rows of the present."""

    def __init__(self, start: int) -> None:
        """Begin empty; `start` (Unix seconds) is when ids begin to count."""
        self.tables: dict[str, dict[str, Row]] = defaultdict(dict)
        self.until = start - 1
        self._start = start
        self._plans: list[tuple[int, int, str, str, Record | None, str]] = []
        self._planned = 0
        self._ids: dict[str, set[int]] = defaultdict(set)
        self._numbers: dict[str, int] = defaultdict(lambda: 1000)

    def new_id(self, resource: str, at: int) -> str:
        """Take an id: even, and growing with the time of creation."""
        taken = self._ids[resource]
        number = 100_000_000 + 8 * (at - self._start)
        while number in taken:
            number += 2
        taken.add(number)
        return str(number)

    def plan(self, at: int, resource: str, key: str, changes: dict[str, Any], prefix: str = "") -> None:
        """Create or change a record at a time; `prefix` gives it the next number of that series."""
        self._push(at, resource, key, changes, prefix)

    def drop(self, at: int, resource: str, key: str) -> None:
        """Delete a record at a time."""
        self._push(at, resource, key, None, "")

    def _push(self, at: int, resource: str, key: str, changes: Record | None, prefix: str) -> None:
        self._planned += 1
        heapq.heappush(self._plans, (at, self._planned, resource, key, changes, prefix))

    def run_until(self, epoch: int) -> bool:
        """Carry out all plans up to and including a moment; says whether there were any."""
        plans = self._plans
        busy = bool(plans) and plans[0][0] <= epoch
        while plans and plans[0][0] <= epoch:
            at, _, resource, key, changes, prefix = heapq.heappop(plans)
            self._apply(at, resource, key, changes, prefix)
        self.until = max(self.until, epoch)
        return busy

    def _apply(self, at: int, resource: str, key: str, changes: Record | None, prefix: str) -> None:
        table = self.tables[resource]
        if changes is None:
            table.pop(key, None)
            return
        old = table.get(key)
        record = {**(old.record if old else {**BLANKS[resource], "id": key}), **changes}
        if prefix:
            self._numbers[prefix] += 1
            record[NUMBER_FIELDS[resource]] = f"{prefix}-{self._numbers[prefix]}"
        if resource in TIMELESS:
            table[key] = Row(record, None, None)
            return
        if old is None:
            record["create"] = stamp(at)
        if "update" in record:
            record["update"] = stamp(at)
        table[key] = Row(record, old.created if old else at, at if "update" in record else None)
