"""The hourly life: shopping carts of an online shop, each a draft that is created, edited and deleted again.

They come exactly one an hour, so that any window of one hour, wherever it begins, holds one creation, one
change and one deletion. What is alive at a moment is computed from that moment alone: others cost nothing.
"""

from __future__ import annotations

from random import Random

from sevdesk_sandbox.clock import stamp
from sevdesk_sandbox.days import FOUNDING, HOUR, midnight
from sevdesk_sandbox.documents import (
    HOME,
    NEW_TAX_FORM,
    Line,
    Part,
    invoice_money,
    line_fields,
    tax_fields,
    total,
)
from sevdesk_sandbox.ledger import Row
from sevdesk_sandbox.records import BLANKS, ref

_FIRST = FOUNDING + HOUR + 667
_EDITED = 73 * 60
_GONE = 161 * 60


def carts(epoch: int) -> list[tuple[int, int]]:
    """Name the drafts alive at a moment: when each was created and last changed, in Unix seconds."""
    newest = (epoch - _FIRST) // HOUR
    created = [_FIRST + count * HOUR for count in range(max(0, newest - 3), newest + 1)]
    return [(at, at + _EDITED if at + _EDITED <= epoch else at) for at in created if epoch < at + _GONE]


def cart_rows(seed: int, carts: list[tuple[int, int]]) -> dict[str, list[Row]]:
    """Write those drafts and their positions as rows."""
    rows: dict[str, list[Row]] = {"Invoice": [], "InvoicePos": []}
    for created, updated in carts:
        rng = Random(f"{seed}:{created}")  # noqa: S311 - an invented firm
        key = str(100_000_001 + 8 * (created - FOUNDING))  # odd, as all others are even
        line = Line(Part(None, "Warenkorb", rng.randint(500, 20_000), 19), 10 if created == updated else 20)
        common = {"id": key, "create": stamp(created), "update": stamp(updated)}
        taxes, sums = tax_fields(HOME, NEW_TAX_FORM), invoice_money(total([line], 0, HOME))
        about = {"header": "Warenkorb", "invoiceDate": midnight(created)}
        position = {"invoice": ref("Invoice", key), **line_fields(line, 0, HOME)}
        for resource, fields in (("Invoice", about | taxes | sums), ("InvoicePos", position)):
            rows[resource].append(Row({**BLANKS[resource], **fields, **common}, created, updated))
    return rows
