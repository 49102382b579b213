"""Planned changes in time order, and the records that stand after those up to a moment."""

from __future__ import annotations

import heapq
from collections import defaultdict

from sevdesk_sandbox.clock import stamp
from sevdesk_sandbox.records import BLANKS, Record

_NUMBERED = {"Invoice": "invoiceNumber", "CreditNote": "creditNoteNumber", "Order": "orderNumber"}


SOFT = "CheckAccountTransaction"
"""Bank lines are deleted softly: lists leave them out, by id they bear `deletedAt`."""


class Row:
    """A record with what a server needs at once; times are Unix seconds, None when it bears none.

    A row that is `exact` goes out as it is. Others keep how they were last written (`written`), and for which
    version of the switches.
    """

    __slots__ = ("created", "exact", "id", "record", "sent", "updated", "version", "written")

    def __init__(
        self, record: Record, created: int | None, updated: int | None, *, exact: bool = False
    ) -> None:
        """Wrap a record; `sent` caches its bytes."""
        self.id: str = record["id"]
        self.record = record
        self.created = created
        self.updated = updated
        self.exact = exact
        self.sent: bytes | None = None
        self.written: Row | None = None
        self.version = -1

    def may_refer(self, name: str, key: str) -> bool:  # noqa: ARG002 - those that know better say no
        """Tell, before its record is looked at, whether the field `name` may refer to the record `key`."""
        return True


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

    def plan(self, at: int, resource: str, key: str, changes: Record, series: str = "") -> None:
        """Create or change a record at a time; `series` (such as RE) gives it the next number of those."""
        self._push(at, resource, key, changes, series)

    def add(self, at: int, resource: str, fields: Record, series: str = "") -> str:
        """Create a record at a time under a new id, and return that."""
        key = self.new_id(resource, at)
        self._push(at, resource, key, fields, series)
        return key

    def drop(self, at: int, resource: str, *keys: str) -> None:
        """Delete records at a time."""
        for key in keys:
            self._push(at, resource, key, None, "")

    def _push(self, at: int, resource: str, key: str, changes: Record | None, series: str) -> None:
        self._planned += 1
        heapq.heappush(self._plans, (at, self._planned, resource, key, changes, series))

    def run_until(self, epoch: int) -> bool:
        """Carry out all plans up to and including a moment; says whether there were any."""
        plans = self._plans
        busy = bool(plans) and plans[0][0] <= epoch
        while plans and plans[0][0] <= epoch:
            self._apply(heapq.heappop(plans))
        self.until = max(self.until, epoch)
        return busy

    def _apply(self, plan: tuple[int, int, str, str, Record | None, str]) -> None:
        at, _, resource, key, changes, series = plan
        table = self.tables[resource]
        old = table.get(key)
        if changes is None and (resource != SOFT or old is None):
            table.pop(key, None)
            return
        if changes is None:
            changes = {"deletedAt": stamp(at)}
        record = {**(old.record if old else BLANKS[resource]), **changes, "id": key}
        if series:
            self._numbers[series] += 1
            record[_NUMBERED[resource]] = f"{series}-{self._numbers[series]}"
            record["header"] = f"{record['header']} {series}-{self._numbers[series]}"
        created = old.created if old else at
        if "create" not in record:
            created = None
        elif old is None:
            record["create"] = stamp(at)
        if "update" in record:
            record["update"] = stamp(at)
        table[key] = Row(record, created, at if "update" in record else None)
