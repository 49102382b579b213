"""What becomes of an issued invoice: payments, reminders, cancellation, credit notes."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from random import Random

from sevdesk_sandbox.bills import Bill, write
from sevdesk_sandbox.clock import stamp
from sevdesk_sandbox.customers import Customer, address_on, likely
from sevdesk_sandbox.days import DAY, HOUR, day_of, midnight, noon, statement_after
from sevdesk_sandbox.documents import (
    HOME,
    Line,
    Part,
    accounting_fields,
    line_fields,
    money_fields,
    tax_fields,
    total,
)
from sevdesk_sandbox.histories import log
from sevdesk_sandbox.ledger import Ledger
from sevdesk_sandbox.records import Record, amount, number, ref


def settle(book: Ledger, bill: Bill, rng: Random) -> None:
    """Let the customer do what such customers do."""
    gross, sent = bill.money.gross, bill.issued
    habit = bill.customer.pays if likely(rng, 0.8) else "on_time"
    if likely(rng, 0.03):
        cancel(book, bill, sent + rng.randint(2 * HOUR, 20 * DAY))
    elif habit == "never":
        remind(book, bill, sent + 24 * DAY, 1)
        remind(book, bill, sent + 40 * DAY, 2)
    elif habit == "late":
        paid = sent + rng.randint(26 * DAY, 70 * DAY)
        remind(book, bill, sent + 24 * DAY, 1, paid)
        pay(book, bill, paid, gross)
    elif habit == "part":
        pay(book, bill, sent + rng.randint(5 * DAY, 20 * DAY), gross // 2, status="750")
        if likely(rng, 0.75):
            pay(book, bill, sent + rng.randint(30 * DAY, 60 * DAY), gross, before=gross // 2)
    elif habit == "skonto":
        pay(book, bill, sent + rng.randint(1 * DAY, 7 * DAY), gross - gross * 2 // 100)
    else:
        paid = sent + rng.randint(2 * DAY, 16 * DAY)
        pay(book, bill, statement_after(paid) if likely(rng, 0.3) else paid, gross)
        if likely(rng, 0.04):
            credit(book, bill, paid + rng.randint(40 * DAY, 60 * DAY), rng, rng.choice((100, 100, 50, 20)))


def pay(book: Ledger, bill: Bill, moment: int, paid: int, *, before: int = 0, status: str = "1000") -> None:
    """Book a payment; `paid` cents in all, `before` of them earlier, in the currency of sumGross."""
    fields: Record = {"status": status, "paidAmount": number(paid), "payDate": noon(moment)}
    if status == "1000" and paid < bill.money.gross:  # what is booked is less than what was billed
        booked = bill.money.part(100 * paid // bill.money.gross)
        fields |= accounting_fields(booked)
    book.plan(moment, "Invoice", bill.key, fields)
    bank_line(book, moment, paid - before, bill.customer.name, f"Rechnung {bill.key}", document=bill.ref)
    log(book, moment, bill.ref, ("750" if before else "200", status), paid - before)


def bank_line(
    book: Ledger, moment: int, cents: int, name: str, purpose: str, *, document: dict[str, str]
) -> None:
    """Enter a line of the bank statement half a day before it is booked; some come twice by mistake.

    Booking links it to the document: that link, with the amount, is a row of CheckAccountTransactionLog.
    """
    day = noon(moment - DAY)
    fields = {
        "valueDate": day,
        "entryDate": day,
        "amount": amount(cents),
        "payeePayerName": name,
        "paymtPurpose": purpose,
    }
    seen = moment - 12 * HOUR
    key = book.add(seen, "CheckAccountTransaction", fields)
    book.plan(moment, "CheckAccountTransaction", key, {"status": "400"})
    link = {
        "checkAccountTransaction": ref("CheckAccountTransaction", key),
        "fromStatus": "100",
        "toStatus": "400",
        "amountPaid": number(cents),
        "bookingDate": noon(moment),
        "object": document,
    }
    book.add(moment, "CheckAccountTransactionLog", link)
    if cents % 50 == 0:
        book.drop(moment + DAY, "CheckAccountTransaction", book.add(seen, "CheckAccountTransaction", fields))


def remind(book: Ledger, bill: Bill, moment: int, level: int, paid: int | None = None) -> None:
    """Write a reminder: an invoice of type MA that repeats the sums of its parent."""
    due = amount(bill.money.gross)
    fields = bill.fields | {
        "invoiceType": "MA",
        "header": f"{level}. Mahnung",
        "status": "200",
        "origin": bill.ref,
        "invoiceDate": midnight(moment),
        "sendDate": midnight(moment),
        "dunningLevel": str(level),
        "reminderDebit": due,
        "reminderTotal": due,
        "reminderCharge": "0",
        "reminderDeadline": midnight(moment + 10 * DAY),
    }
    key = book.add(moment, "Invoice", fields, "MA")
    book.plan(moment, "Invoice", bill.key, {"dunningLevel": str(level)})
    if paid and paid > moment:
        book.plan(paid, "Invoice", key, {"status": "1000"})


def cancel(book: Ledger, bill: Bill, moment: int) -> None:
    """Cancel an open invoice by one of type SR with negative sums; both then have status 1000 and 0 paid."""
    sums = {name: text for name, text in bill.fields.items() if name.startswith("sum") and text != "0"}
    closed = {"status": "1000", "paidAmount": 0, "payDate": None}
    fields = {
        **bill.fields,
        **{name: f"-{text}" for name, text in sums.items()},
        **closed,
        "invoiceType": "SR",
        "header": "Stornorechnung",
        "origin": bill.ref,
        "invoiceDate": stamp(moment),
        "sendDate": None,
        "sendType": "VPDF",
    }
    write(book, replace(bill, key=book.new_id("Invoice", moment), fields=fields), moment, "SR")
    book.plan(moment, "Invoice", bill.key, closed)


def credit(book: Ledger, bill: Bill, moment: int, rng: Random, percent: int) -> None:
    """Take back a share of a paid invoice by a credit note (booking category UNDERACHIEVEMENT)."""
    sums = money_fields(bill.money.part(percent), bill.fields["currency"])
    if bill.rate:
        foreign = total(bill.lines, bill.customer.discount, bill.tax).part(percent)
        sums = money_fields(foreign, bill.fields["currency"], bill.rate)
    about = {"bookingCategory": "UNDERACHIEVEMENT", "refSrcInvoice": bill.ref}
    lines = [line_fields(line, place, bill.tax) for place, line in enumerate(bill.lines)]
    taxes = tax_fields(bill.tax, day_of(moment))
    _credit_note(book, bill.customer, moment, rng, fields={**sums, **taxes, **about}, lines=lines)


def commission(book: Ledger, customer: Customer, moment: int, rng: Random) -> None:
    """Credit an agent or an author for what the firm owes them: an expense, not a reversal."""
    line = Line(Part(None, "Provision", rng.randint(2_000, 60_000), 19))
    category = rng.choice(("PROVISION", "ROYALTY_ASSIGNED", "ROYALTY_UNASSIGNED"))
    sums = money_fields(total([line], 0, HOME))
    fields = {**sums, **tax_fields(HOME, day_of(moment)), "bookingCategory": category}
    _credit_note(book, customer, moment, rng, fields=fields, lines=[line_fields(line, 0, HOME)])


def _credit_note(
    book: Ledger, customer: Customer, moment: int, rng: Random, *, fields: Record, lines: list[Record]
) -> None:
    common = {
        "contact": ref("Contact", customer.id),
        "header": "Gutschrift",
        "headText": "<p>Wir schreiben Ihnen <b>gut</b>:</p>",
        "creditNoteDate": stamp(moment),
        "deliveryDate": midnight(moment),
    }
    key = book.add(moment, "CreditNote", {**common, **address_on(customer, rng), **fields})
    for line in lines:
        kept = {name: value for name, value in line.items() if not name.startswith("sum")}
        book.add(moment, "CreditNotePos", {"creditNote": ref("CreditNote", key), **kept})
    sent = moment + rng.randint(0, 5 * HOUR)
    if likely(rng, 0.03):
        return  # stays a draft
    book.plan(sent, "CreditNote", key, {"status": "200", "sendDate": stamp(sent)}, "GU")
    if likely(rng, 0.85):
        paid = sent + rng.randint(2 * DAY, 20 * DAY)
        cents = -int(Decimal(fields["sumGross"]) * 100)
        bank_line(book, paid, cents, customer.name, "Gutschrift", document=ref("CreditNote", key))
        book.plan(paid, "CreditNote", key, {"status": "1000", "payDate": noon(paid)})
