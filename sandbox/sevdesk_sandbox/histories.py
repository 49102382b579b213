"""Histories of documents: each change of status is a row of InvoiceLog, VoucherLog or OrderLog."""

from __future__ import annotations

from sevdesk_sandbox.days import noon
from sevdesk_sandbox.ledger import Ledger
from sevdesk_sandbox.records import Record, amount

# The name of the amount on the wire; sevDesk spells it differently, and orders have none.
_AMOUNT = {"Invoice": "ammountPayed", "Voucher": "amountPayed"}


def log(book: Ledger, moment: int, document: dict[str, str], change: tuple[str, str], cents: int = 0) -> str:
    """Note that a document went from one status to another, and what was paid or written off by that.

    Returns the id of the row.
    """
    model, (before, after) = document["objectName"], change
    fields: Record = {model.lower(): document, "fromStatus": before, "toStatus": after}
    if model in _AMOUNT:
        fields |= {_AMOUNT[model]: amount(cents), "bookingDate": noon(moment)}
    return book.add(moment, f"{model}Log", fields)
