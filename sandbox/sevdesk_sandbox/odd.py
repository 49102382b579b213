"""The firm's odd documents: a few that nobody can count, and a few that are rare but right.

A fixed list, the same for every seed, entered on fixed days of 2025 by one customer of their own, so that no
other document of the firm is touched. The first kind belongs into the box "documents in question".
"""

from __future__ import annotations

from datetime import date

from sevdesk_sandbox.clock import stamp
from sevdesk_sandbox.days import DAY, HOUR, at, midnight, noon
from sevdesk_sandbox.documents import HOME, NEW_TAX_FORM, Money, invoice_money, money_fields, tax_fields
from sevdesk_sandbox.histories import log
from sevdesk_sandbox.ledger import Ledger
from sevdesk_sandbox.records import Record, number, ref

_START = at(date(2025, 3, 3), 9 * HOUR)
_CUSTOMER, _VOUCHER = "5001", "5201"
# Number, what is odd about it, and the fields in which it differs from an ordinary invoice of 100 euros net.
IN_QUESTION: tuple[tuple[str, str, Record], ...] = (
    ("RE-X01", "amounts in German notation", {"sumNet": "1.234,56", "sumGross": "1.469,13"}),
    ("RE-X02", "a currency for which nobody has a rate", {"currency": "AED"}),
    ("RE-X03", "a status that is not listed", {"status": "900"}),
    ("RE-X04", "a type that is not listed", {"invoiceType": "XR"}),
    ("RE-X05", "a day that does not exist", {"invoiceDate": "2025-02-30T00:00:00+01:00"}),
    ("RE-X06", "net and tax that do not make the gross amount", {"sumGross": "119.02"}),
)
ORPHAN = "5390"
"""Id of a position whose invoice does not exist."""


def enter_odd_documents(book: Ledger) -> None:
    """Plan them all."""
    name = {"name": "Muster Sonderfälle GmbH", "customerNumber": "KD-X"}
    book.plan(_START - DAY, "Contact", _CUSTOMER, name)
    for count, (title, _, odd) in enumerate(IN_QUESTION):
        moment = _START + count * DAY
        _invoice(book, str(5301 + count), moment, title, Money(10_000, 1_900), **odd)
    line = {"invoice": ref("Invoice", "5399"), "name": "Position ohne Rechnung", "price": "100"}
    book.plan(_START, "InvoicePos", ORPHAN, {**line, "priceNet": "100", "sumNet": "100", "sumGross": "119"})
    _credit_note(book, "5401", _START, "GU-X01", Money(5_000, 950), bookingCategory="GOODWILL")
    _rare_but_right(book, _START + 20 * DAY)


def _rare_but_right(book: Ledger, moment: int) -> None:
    """Enter what occurs seldom and has a right answer."""
    partly = _invoice(book, "5310", moment, "RE-X10", Money(10_000, 1_900))  # 119: 50 paid, 69 credited
    _receive(book, "5510", moment + DAY, partly, 5_000)
    book.plan(moment + DAY, "Invoice", "5310", {"status": "750", "paidAmount": 50, "payDate": noon(moment)})
    about = {"refSrcInvoice": partly, "origin": partly, "bookingCategory": "UNDERACHIEVEMENT"}
    _credit_note(book, "5410", moment + 2 * DAY, "GU-X10", Money(5_798, 1_102), **about)
    _credit_note(  # of no invoice: the customer may set it against any
        book, "5411", moment + 2 * DAY, "GU-X11", Money(5_000, 950), bookingCategory="UNDERACHIEVEMENT"
    )
    written_off = _invoice(
        book, "5311", moment, "RE-X11", Money(20_000, 3_800)
    )  # 238: 200 paid, the rest lost
    _receive(book, "5511", moment + 5 * DAY, written_off, 20_000)
    log(book, moment + 5 * DAY, written_off, ("200", "750"), 20_000)
    log(book, moment + 9 * DAY, written_off, ("750", "1000"), 3_800)
    lost: Record = {"fromStatus": "100", "toStatus": "400", "amountPaid": 38, "object": written_off}
    lost["bookingDate"] = noon(moment + 9 * DAY)  # booked without a bank line
    book.plan(moment + 9 * DAY, "CheckAccountTransactionLog", "5512", lost)
    closed = {"status": "1000", "paidAmount": 238, "payDate": noon(moment + 9 * DAY)}
    book.plan(moment + 9 * DAY, "Invoice", "5311", closed)
    _vouchers(book, moment)


def _vouchers(book: Ledger, moment: int) -> None:
    """Enter one overpaid, one in dollars, one reset to open after its payment, and a credit note of one."""
    plain = {"status": "1000", "supplierName": "Beispiel Sonderfall GmbH", "voucherDate": midnight(moment)}
    overpaid = {"sumNet": "80", "sumGross": "80", "sumNetAccounting": "87.49", "sumGrossAccounting": "87.49"}
    book.plan(moment, "Voucher", _VOUCHER, {**plain, **overpaid, "paidAmount": 80, "payDate": noon(moment)})
    dollars = {"sumNet": "69.73", "sumGross": "69.73", "currency": "USD", "paidAmount": 69.73}
    foreign = {"sumNetForeignCurrency": "80", "sumGrossForeignCurrency": "80", "payDate": noon(moment)}
    book.plan(moment, "Voucher", "5202", {**plain, **dollars, **foreign})
    book.plan(moment, "Voucher", "5203", {**plain, "sumNet": "100", "sumGross": "119", "sumTax": "19"})
    entry = _receive(book, "5520", moment, ref("Voucher", "5203"), -11_900)
    book.plan(moment + DAY, "Voucher", "5203", {"status": "100", "paidAmount": 0, "payDate": None})
    book.drop(moment + DAY, "CheckAccountTransactionLog", entry)
    about = {"refSrcVoucher": ref("Voucher", _VOUCHER), "bookingCategory": "UNDERACHIEVEMENT"}
    _credit_note(book, "5412", moment, "GU-X12", Money(2_000, 380), **about)


def _invoice(book: Ledger, key: str, moment: int, title: str, money: Money, **odd: object) -> dict[str, str]:
    fields: Record = {
        "contact": ref("Contact", _CUSTOMER),
        "addressName": "Muster Sonderfälle GmbH",
        "addressZip": "10115",
        "addressCity": "Berlin",
        "invoiceNumber": title,
        "header": f"Rechnung {title}",
        "invoiceDate": midnight(moment),
        "sendDate": stamp(moment),
        "status": "200",
        **tax_fields(HOME, NEW_TAX_FORM),
        **invoice_money(money),
        **odd,
    }
    book.plan(moment, "Invoice", key, fields)
    return ref("Invoice", key)


def _credit_note(book: Ledger, key: str, moment: int, title: str, money: Money, **about: object) -> None:
    fields: Record = {
        "contact": ref("Contact", _CUSTOMER),
        "addressName": "Muster Sonderfälle GmbH",
        "addressZip": "10115",
        "addressCity": "Berlin",
        "creditNoteNumber": title,
        "header": f"Gutschrift {title}",
        "creditNoteDate": stamp(moment),
        "sendDate": stamp(moment),
        "status": "200",
        **tax_fields(HOME, NEW_TAX_FORM),
        **money_fields(money),
        **about,
    }
    book.plan(moment, "CreditNote", key, fields)


def _receive(book: Ledger, key: str, moment: int, document: dict[str, str], cents: int) -> str:
    """Enter a bank line and link it to a document; returns the id of that link."""
    day = noon(moment)
    line = {"valueDate": day, "entryDate": day, "amount": str(number(cents)), "status": "400"}
    book.plan(moment, "CheckAccountTransaction", key, line)
    link: Record = {
        "checkAccountTransaction": ref("CheckAccountTransaction", key),
        "fromStatus": "100",
        "toStatus": "400",
        "amountPaid": number(cents),
        "bookingDate": day,
        "object": document,
    }
    book.plan(moment, "CheckAccountTransactionLog", key, link)
    return key
