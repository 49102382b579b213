"""All that lives by itself: the firm, its hourly shopping carts, and the bulk of a benchmark."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sevdesk_sandbox.bulk import SETTLED, Bulk
from sevdesk_sandbox.days import FOUNDING
from sevdesk_sandbox.firm import Firm
from sevdesk_sandbox.hourly import cart_rows, carts

if TYPE_CHECKING:
    from sevdesk_sandbox.ledger import Row
    from sevdesk_sandbox.records import Record
    from sevdesk_sandbox.switches import Switches


class Life:
    """A firm of a seed, beside `size` plain invoices, at a moment that may move both ways."""

    def __init__(self, seed: int, size: int, *, odd: bool = False) -> None:
        """Found it, with its odd documents or without; nothing is computed before a moment is asked for."""
        self._seed = seed
        self._size = size
        self._odd = odd
        self._epoch = 0
        self._firm = Firm(seed, odd=odd)
        self._bulk: Bulk | None = None
        self._carts: list[tuple[int, int]] = []
        self._version = 0

    @property
    def chain_sums(self) -> dict[str, Record]:
        """Final invoices by id, with the sums of their whole chain."""
        return self._firm.cumulative

    def run_until(self, epoch: int) -> int:
        """Go to a moment (Unix seconds), even an earlier one; returns a number that grows with changes."""
        if epoch == self._epoch:
            return self._version
        if epoch < self._epoch:
            self._firm = Firm(self._seed, odd=self._odd)
            self._version += 1
        growing = bool(self._size) and self._epoch < SETTLED
        self._epoch = epoch
        present = carts(epoch)
        if self._firm.run_until(epoch) or present != self._carts or growing:
            self._carts = present
            self._version += 1
        return self._version

    def rows(self, resource: str, switches: Switches) -> dict[str, Row]:
        """Return the rows of a resource by id; those of the bulk as the switches write them."""
        rows = dict(self._firm.ledger.tables[resource])
        more = cart_rows(self._seed, self._carts).get(resource, [])
        if self._size and self._epoch >= FOUNDING:
            if self._bulk is None or self._bulk.version != switches.version:
                self._bulk = Bulk(self._size, self._firm.customers[:100], switches)
            more = [*more, *self._bulk.rows(resource, self._epoch)]
        return rows | {row.id: row for row in more}
