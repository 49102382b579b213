"""What is not in the total, and why: each reason a line with how many documents and how many euros."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sevdesk_report.language import Language
from sevdesk_report.rows import ZERO, FinalInvoice, Listed, Question, Report, Voucher

LISTED_SHOWN = 100
EXAMPLES = 2
UNCONFIRMED = "unconfirmed"
IN_QUESTION = "in question"  # these are the first line already
# the reasons that int_documents gives
REASONS = {
    "draft": "Drafts",
    "reminder, repeats its invoice": "Reminders (they repeat their invoice)",
    "recurring template, not an invoice": "Recurring templates",
    "deactivated template": "Deactivated templates",
    "deleted in sevDesk": "Deleted in sevDesk",
    "credit note for a purchase, an expense": "Credit notes for purchases (an expense)",
    "credit note booked to an account of its own": "Credit notes booked to an account of their own",
    "credit note for a voucher, lowers no invoice": "Credit notes for vouchers (they lower no invoice)",
    IN_QUESTION: "In question",
}
REASON_CODES = {
    "unknown_type": "Its type is unknown.",
    "unknown_status": "Its status is unknown.",
    "unknown_booking_category": "Its booking category is unknown.",
    "date_missing": "It has no date.",
    "date_unreadable": "Its date cannot be read.",
    "amount_missing": "An amount is missing.",
    "amount_unreadable": "An amount cannot be read.",
    "paid_amount_unreadable": "What was paid on it cannot be read.",
    "foreign_amount_unreadable": "An amount in its own currency cannot be read.",
    "sums_disagree": "Net and tax do not add up to gross.",
    "foreign_sums_disagree": "Its amounts are in its own currency only, and do not add up to gross.",
    "exchange_rate_missing": "There is no exchange rate for its currency.",
    "takes_back_a_document_in_question": "It takes back a document that is itself in question.",
    "unknown_direction": "It does not say whether it is income or an expense.",
    "payment_amount_unreadable": "The amount of a payment on it cannot be read.",
    "payment_date_missing": "A payment on it has no date.",
    "payment_date_unreadable": "The date of a payment on it cannot be read.",
    "pays_a_document_in_question": "A payment on it is left out, as the document is itself in question.",
    "pays_no_document_to_pay": "A payment on it is left out, as the document is in no total.",
    "pays_a_missing_document": "The payment belongs to no document.",
    "document_missing": "The line belongs to no document.",
    "unreadable_row": "sevDesk sent a row that cannot be read.",
}


@dataclass(frozen=True)
class Outside:
    """One reason. `dated` is (month or day or None, documents, net or None where no sum makes sense).

    `note` says what is to know or to do. At most one of the lists is given, to look at the documents.
    """

    key: str
    title: str
    note: str
    dated: Sequence[tuple[date | None, int, Decimal | None]]
    questions: Sequence[Question] = ()
    vouchers: Sequence[Voucher] = ()
    final_invoices: Sequence[FinalInvoice] = ()

    @property
    def documents(self) -> int:
        """How many."""
        return sum(number for _, number, _ in self.dated)

    @property
    def net(self) -> Decimal | None:
        """Their net amount in euros; None where there is none to tell."""
        known = [net for _, _, net in self.dated if net is not None]
        return sum(known, ZERO) if known or not self.dated else None


def reason(question: Question, words: Language) -> str:
    """Return what is wrong with a document: in German where its code is known, else as the mart says."""
    if words.code == "en" or question.code not in REASON_CODES:
        return question.reason
    return words.text(REASON_CODES[question.code])


def outside(report: Report, words: Language) -> list[Outside]:
    """Return what is outside the total; documents in question come first, even if there are none."""
    return [
        _questions(report.questions, words),
        *_final_invoices(report, words),
        *_vouchers(report.vouchers, words),
        *_not_counted(report.listed, words),
    ]


def _questions(questions: Sequence[Question], words: Language) -> Outside:
    return Outside(
        "questions",
        words.text("Documents in question"),
        words.text(
            "Something in them cannot be right, so they are in no total until it is corrected in sevDesk."
        )
        if questions
        else "",
        [(None, 1, None) for _ in questions],
        questions=questions,
    )


def _final_invoices(report: Report, words: Language) -> Iterable[Outside]:
    found = report.final_invoices
    if not found or report.status.final_invoices_are not in {"", UNCONFIRMED}:
        return
    examples = words.listed([each.number or each.sevdesk_id for each in found[:EXAMPLES]])
    yield Outside(
        "final-invoices",
        words.text("Depends on how final invoices are read"),
        words.text(
            "Their amounts are counted as what remained to be paid. If sevDesk states the whole job, the "
            "total is too high by this amount. Look up %(examples)s in sevDesk, then set the "
            "variable %(variable)s.",
            examples=examples,
            variable="final_invoice_amounts",
        ),
        [(each.date, 1, each.at_stake) for each in found],
        final_invoices=found,
    )


def _vouchers(vouchers: Sequence[Voucher], words: Language) -> Iterable[Outside]:
    if vouchers:
        yield Outside(
            "vouchers",
            words.text("Income booked by voucher"),
            words.text("Income without an invoice in sevDesk; it stands beside the invoiced amount."),
            [(each.date, 1, each.net) for each in vouchers],
            vouchers=sorted(vouchers, key=lambda each: (each.date or date.min, each.number), reverse=True),
        )


def _not_counted(listed: Sequence[Listed], words: Language) -> Iterable[Outside]:
    reasons: dict[str, list[Listed]] = {}
    for line in listed:
        if line.reason and line.reason != IN_QUESTION:
            reasons.setdefault(line.reason, []).append(line)
    order = list(REASONS)
    for reason in sorted(
        reasons, key=lambda each: (order.index(each) if each in order else len(order), each)
    ):
        yield Outside(
            reason.split(",")[0].replace(" ", "-"),
            words.text(REASONS[reason]) if reason in REASONS else reason.capitalize(),
            "",
            [(line.month, line.documents, line.net) for line in reasons[reason]],
        )
