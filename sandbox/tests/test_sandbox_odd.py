"""The firm's odd documents: a few, fixed, and apart from all others."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import pytest

from sevdesk_sandbox import Sandbox
from sevdesk_sandbox.books import Books
from sevdesk_sandbox.odd import IN_QUESTION, ORPHAN
from sevdesk_sandbox.records import BLANKS

NOW = "2025-06-01T12:00:00+00:00"


@pytest.fixture(scope="module")
def odd() -> Books:
    """Open the books of the firm with its odd documents."""
    return Sandbox(now=NOW, odd=True).books


def test_each_odd_invoice_is_there_with_what_is_odd_about_it(odd: Books) -> None:
    rows = {row["invoiceNumber"]: row for row in odd.rows("Invoice")}
    for number, _, fields in IN_QUESTION:
        assert fields.items() <= rows[number].items()
    with pytest.raises(InvalidOperation):
        Decimal(rows["RE-X01"]["sumNet"])
    assert Decimal(rows["RE-X06"]["sumNet"]) + Decimal(rows["RE-X06"]["sumTax"]) == Decimal(119)


def test_a_position_has_no_invoice_and_a_credit_note_an_unknown_category(odd: Books) -> None:
    invoices = {row["id"] for row in odd.rows("Invoice")}
    lost = [row["id"] for row in odd.rows("InvoicePos") if row["invoice"]["id"] not in invoices]
    assert lost == [ORPHAN]
    assert "GOODWILL" in {row["bookingCategory"] for row in odd.rows("CreditNote")}


def test_the_other_documents_are_the_same_with_and_without_them(odd: Books) -> None:
    plain = Sandbox(now=NOW).books
    for name in BLANKS:
        with_them = {row["id"]: row for row in odd.rows(name)}
        assert all(with_them.get(row["id"]) == row for row in plain.rows(name)), name
        assert len(with_them) - len(plain.rows(name)) < 15


def test_a_write_off_raises_what_was_paid_and_is_linked_to_no_bank_line(odd: Books) -> None:
    (invoice,) = [row for row in odd.rows("Invoice") if row["invoiceNumber"] == "RE-X11"]
    links = odd.rows("CheckAccountTransactionLog")
    of_it = [row for row in links if row["object"]["id"] == invoice["id"]]
    (money,) = [row["amountPaid"] for row in of_it if "checkAccountTransaction" in row]
    (lost,) = [row["amountPaid"] for row in of_it if "checkAccountTransaction" not in row]
    history = [row for row in odd.rows("InvoiceLog") if row["invoice"]["id"] == invoice["id"]]
    assert (invoice["paidAmount"], money, lost) == (238, 200, 38)
    assert sorted(row["ammountPayed"] for row in history) == ["200", "38"]


def test_what_is_reset_to_open_leaves_the_transaction_log(odd: Books) -> None:
    assert "5203" not in {row["object"]["id"] for row in odd.rows("CheckAccountTransactionLog")}
    (voucher,) = [row for row in odd.rows("Voucher") if row["id"] == "5203"]
    assert (voucher["status"], voucher["paidAmount"]) == ("100", 0)


def test_an_invoice_that_is_partly_paid_and_partly_credited_is_settled(odd: Books) -> None:
    (invoice,) = [row for row in odd.rows("Invoice") if row["invoiceNumber"] == "RE-X10"]
    notes = [row for row in odd.rows("CreditNote") if row.get("refSrcInvoice", {}).get("id") == invoice["id"]]
    assert Decimal(notes[0]["sumGross"]) + invoice["paidAmount"] == Decimal(invoice["sumGross"])
