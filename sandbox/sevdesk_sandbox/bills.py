"""Outgoing invoices until they are sent: drafting, editing, dropping, issuing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from sevdesk_sandbox.clock import stamp
from sevdesk_sandbox.customers import Customer, address_on, likely
from sevdesk_sandbox.days import DAY, day_of, midnight
from sevdesk_sandbox.documents import (
    Line,
    Money,
    Tax,
    invoice_money,
    line_fields,
    tax_fields,
    tax_for,
    total,
)
from sevdesk_sandbox.histories import log
from sevdesk_sandbox.ledger import Ledger
from sevdesk_sandbox.rates import rate_on
from sevdesk_sandbox.records import Record, ref

_CURRENCY = {"ch": ("CHF", 0.7), "us": ("USD", 1.0)}
_HEAD = "<p>Sehr geehrte Damen und Herren,</p>\n<p>wir berechnen Ihnen <b>wie folgt</b>:</p>"
_FOOT = "Bitte überweisen Sie den Betrag ohne Abzug.<br>\nVielen Dank – mit freundlichen Grüßen"


@dataclass(frozen=True)
class Bill:
    """An invoice with what its later life needs; `money` is in the currency of its sumGross."""

    key: str
    customer: Customer
    fields: Record
    money: Money
    lines: list[Line]
    tax: Tax
    rate: int | None = None
    issued: int = 0  # Unix seconds

    @property
    def ref(self) -> dict[str, str]:
        """Reference to it."""
        return ref("Invoice", self.key)


def compose(
    book: Ledger,
    moment: int,
    rng: Random,
    customer: Customer,
    lines: list[Line],
    *,
    tax: Tax | None = None,
    **extra: object,
) -> Bill:
    """Compose an invoice without writing it into the books yet."""
    tax = tax or tax_for(customer.region, day_of(moment), rng)
    currency, chance = _CURRENCY.get(customer.place.country, ("EUR", 1.0))
    currency = currency if likely(rng, chance) and "origin" not in extra else "EUR"
    # For some nobody entered a rate: then the plain sums are the foreign ones.
    rate = rate_on(currency, day_of(moment)) if currency != "EUR" and likely(rng, 0.85) else None
    money = total(lines, customer.discount, tax)
    fields: Record = {
        "contact": ref("Contact", customer.id),
        "header": "Rechnung",
        "headText": _HEAD,
        "footText": _FOOT if likely(rng, 0.9) else None,
        "invoiceDate": midnight(moment),
        "timeToPay": rng.choice(("14", "14", "30", "7")),
        "deliveryDate": midnight(moment - rng.randint(0, 20) * DAY),
        "costCentre": ref("CostCentre", rng.choice("123")) if likely(rng, 0.2) else None,
        **address_on(customer, rng),
        **tax_fields(tax, day_of(moment)),
        **invoice_money(money, currency, rate),
        **extra,
    }
    if customer.pays == "skonto":
        fields |= {"discountTime": "7", "discount": "2"}
    key = book.new_id("Invoice", moment)
    return Bill(key, customer, fields, money.at(rate) if rate else money, lines, tax, rate)


def write(book: Ledger, bill: Bill, moment: int, series: str = "") -> list[str]:
    """Put a bill and its positions into the books; returns the ids of the positions."""
    book.plan(moment, "Invoice", bill.key, bill.fields, series)
    return write_lines(book, bill, moment)


def write_lines(book: Ledger, bill: Bill, moment: int) -> list[str]:
    """Put just its positions into the books."""
    currency = bill.fields["currency"]
    lines = [line_fields(line, place, bill.tax, currency, bill.rate) for place, line in enumerate(bill.lines)]
    return [book.add(moment, "InvoicePos", {"invoice": bill.ref, **fields}) for fields in lines]


def edit(book: Ledger, bill: Bill, keys: list[str], moment: int, lines: list[Line]) -> tuple[Bill, list[str]]:
    """Exchange the lines of a draft: its positions are deleted and written again."""
    money = total(lines, bill.customer.discount, bill.tax)
    sums = invoice_money(money, bill.fields["currency"], bill.rate)
    book.drop(moment, "InvoicePos", *keys)
    book.plan(moment, "Invoice", bill.key, {**sums, "customerInternalNote": "geändert\nnach Rückfrage"})
    home = money.at(bill.rate) if bill.rate else money
    changed = replace(bill, lines=lines, money=home, fields={**bill.fields, **sums})
    return changed, write_lines(book, changed, moment)


def issue(book: Ledger, bill: Bill, moment: int, rng: Random, series: str = "RE") -> Bill:
    """Give the bill its number and send it; some are enshrined three days later."""
    day = midnight(moment)
    sent = {
        "status": "200",
        "invoiceDate": day,
        "sendDate": day,
        "sendType": rng.choice(("VM", "VM", "VPDF", "VPR")),
    }
    book.plan(moment, "Invoice", bill.key, sent, series)
    log(book, moment, bill.ref, ("100", "200"))
    if bill.customer.discount:
        discount = {"object": bill.ref, "text": "Rabatt", "value": str(bill.customer.discount)}
        book.add(moment, "Discounts", discount)
    if likely(rng, 0.3):
        book.plan(moment + 3 * DAY, "Invoice", bill.key, {"enshrined": stamp(moment + 3 * DAY)})
    if likely(rng, 0.05):
        book.add(moment + 60, "TagRelation", {"tag": ref("Tag", rng.choice("12345")), "object": bill.ref})
    return replace(bill, issued=moment)
