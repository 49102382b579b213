"""Many plain invoices for benchmarks: text with holes, filled in only when asked for."""

from __future__ import annotations

import json
from random import Random
from typing import TYPE_CHECKING

from sevdesk_sandbox.clock import stamp
from sevdesk_sandbox.customers import address_on
from sevdesk_sandbox.days import DAY, FOUNDING, midnight
from sevdesk_sandbox.documents import NEW_TAX_FORM, tax_fields, tax_for
from sevdesk_sandbox.ledger import Row
from sevdesk_sandbox.records import BLANKS, Record, amount, ref
from sevdesk_sandbox.views import view

if TYPE_CHECKING:
    from sevdesk_sandbox.customers import Customer
    from sevdesk_sandbox.switches import Switches

SPAN = 365 * DAY  # they are all created in the firm's first year ...
SETTLED = FOUNDING + SPAN + 31 * DAY  # ... and have found their end a month later
LINES = 3  # positions of each invoice, which add up to it
KEPT = 200_000  # rows whose text is kept: half a gigabyte, and the server is faster than those who read it
_SUMS = {
    f"sum{name}{kind}": f"<{name.lower()}>" for name in ("Net", "Tax", "Gross") for kind in ("", "Accounting")
}


class BulkRow(Row):
    """A row that is written only when asked for; the text of the first ones is kept."""

    __slots__ = ("_bulk", "_count", "_line", "_text")

    def __init__(self, bulk: Bulk, count: int, created: int, updated: int, line: int | None = None) -> None:
        """Name the invoice by its count, and one of its positions by its line."""
        self._bulk, self._count, self._line = bulk, count, line
        self.id = _id(count if line is None else LINES * count + line)
        self.created, self.updated = created, updated
        self.exact = True
        self._text: bytes | None = None

    @property
    def sent(self) -> bytes:  # type: ignore[override]
        """Its bytes."""
        if self._text is not None:
            return self._text
        text = self._bulk.text(self._count, self._line, self).encode()
        if self._count < KEPT:
            self._text = text
        return text

    def may_refer(self, name: str, key: str) -> bool:
        """Say no for a position of another invoice, without writing it."""
        return self._line is None or name != "invoice" or key == _id(self._count)

    @property
    def record(self) -> Record:  # type: ignore[override]
        """The record."""
        return json.loads(self.sent)  # type: ignore[no-any-return]


class Bulk:
    """Invoices with their positions, spread over customers, amounts and the firm's first year."""

    def __init__(self, size: int, customers: list[Customer], switches: Switches) -> None:
        """Prepare the texts with holes, one for each customer: each in its own order of fields and size."""
        self.version = switches.version
        self._size = size
        rng = Random(size)  # noqa: S311 - invented invoices
        self._rates: list[int] = []
        self._texts: list[dict[str, str]] = []
        for customer in customers:
            tax = tax_for(customer.region, NEW_TAX_FORM, rng)
            self._rates.append(19 if tax.taxed else 0)
            about = {"contact": ref("Contact", customer.id), **address_on(customer, rng)}
            stays = {
                "header": "Rechnung <number>",
                "invoiceNumber": "<number>",
                "footText": "Vielen Dank!<br>\n" * rng.randint(0, 18),
            }
            moves = {
                "status": "<status>",
                "payDate": "<#paid>",
                "paidAmount": "<#amount>",
                "invoiceDate": "<day>",
            }
            invoice = {
                **about,
                **stays,
                **moves,
                **_SUMS,
                **tax_fields(tax, NEW_TAX_FORM),
                "sendDate": "<day>",
            }
            prices = {"price": "<net>", "priceNet": "<net>", "priceTax": "<tax>", "priceGross": "<gross>"}
            position = {"invoice": ref("Invoice", "<document>"), "name": "Ware <line>", **prices, **_SUMS}
            fields: dict[str, Record] = {"Invoice": invoice, "InvoicePos": position}
            self._texts.append(
                {name: _with_holes(name, each, switches, rng) for name, each in fields.items()}
            )

    def rows(self, resource: str, epoch: int) -> list[Row]:
        """Return those of a moment (Unix seconds), oldest first."""
        if resource not in self._texts[0]:
            return []
        rows: list[Row] = []
        for count in range(self._size):
            created = FOUNDING + DAY + count * (SPAN - DAY) // self._size
            paid = created + _scatter(count) % 30 * DAY
            if created <= epoch:
                moments = created, paid if paid <= epoch else created
                lines = range(LINES) if resource == "InvoicePos" else [None]
                rows += [BulkRow(self, count, *moments, line) for line in lines]
        return rows

    def text(self, count: int, line: int | None, row: BulkRow) -> str:
        """Fill the holes in for an invoice, or for one of its positions, which are thirds of it."""
        chance = _scatter(count)
        which = chance % len(self._texts)
        net = 500 + chance // 7 % 400_000
        tax = (net * self._rates[which] + 50) // 100
        paid = row.updated if row.updated != row.created and chance % 20 else None
        created = stamp(row.created or 0)
        if line is not None:
            net, tax = (_part(cents, line) for cents in (net, tax))
        return self._texts[which]["Invoice" if line is None else "InvoicePos"] % {
            "id": row.id,
            "document": _id(count),
            "line": line,
            "create": created,
            "update": stamp(row.updated or 0),
            "number": f"WEB-{count + 1}",
            "day": midnight(row.created or 0),
            "status": "1000" if paid else "200",
            "paid": f'"{midnight(paid)}"' if paid else "null",
            "amount": amount(net + tax) if paid else "0",
            "net": amount(net),
            "tax": amount(tax),
            "gross": amount(net + tax),
        }


def _id(count: int) -> str:
    return str(10_000_001 + 2 * count)


def _part(cents: int, line: int) -> int:
    """Return the share of a line; the last one has what is left over."""
    share = cents // LINES
    return share if line < LINES - 1 else cents - share * (LINES - 1)


def _scatter(count: int) -> int:
    """Spread whole numbers evenly (Knuth's multiplicative hash)."""
    return count * 2_654_435_761 % 2**32


def _with_holes(resource: str, fields: Record, switches: Switches, rng: Random) -> str:
    """Write a record as JSON with `%(name)s` where it says `<name>`, without its quotes for `<#name>`."""
    record = {**BLANKS[resource], **fields, "id": "<id>", "create": "<create>", "update": "<update>"}
    record = view(record, switches, {}, salt=str(rng.random()))
    names = list(record)
    rng.shuffle(names)
    text = json.dumps({name: record[name] for name in names}, separators=(",", ":")).replace("%", "%%")
    for name in ("paid", "amount"):
        text = text.replace(f'"<#{name}>"', f"%({name})s")
    if resource == "InvoicePos" and switches.position_values == "numbers":
        for name in ("net", "tax", "gross"):
            text = text.replace(f'"<{name}>"', f"%({name})s")
    for name in (
        "id",
        "document",
        "line",
        "create",
        "update",
        "number",
        "day",
        "status",
        "net",
        "tax",
        "gross",
    ):
        text = text.replace(f"<{name}>", f"%({name})s")
    return text
