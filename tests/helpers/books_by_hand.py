"""The figures of the marts, computed a second time: in plain Python, straight from a firm's books.

Nothing here looks at the SQL or the warehouse. The rules are those of the description of `invoices_summary`;
rates are the ECB's own, aliases are read from the seed, as a bookkeeper would look them up in the same lists.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from tap_ecb.rates import read_history
from tap_ecb.sources import packaged

from tests.helpers.places_by_hand import find_places, reference, tidy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

Record = dict[str, Any]
CENT = Decimal("0.01")
CLAIMS = {"RE", "TR", "AR", "ER"}


@dataclass
class Document:
    """A document that counts. Amounts are in euros; `own` is the gross amount in the document's currency."""

    id: str
    number: str
    type: str
    status: str
    day: date
    record: Record
    takes_back: str | None  # number of the invoice
    order: str | None
    net: Decimal
    tax: Decimal
    gross: Decimal
    paid: Decimal
    own: Decimal
    cancelled: bool = False
    reversed: bool = False
    city: str = ""
    country: str = ""
    customer: str = ""
    customer_id: str = ""
    credited: Decimal = Decimal(0)  # of an invoice: settled by credit notes; of a credit note: taken up

    @property
    def month(self) -> date:
        """First day of the month it is dated."""
        return self.day.replace(day=1)

    @property
    def due(self) -> date:
        """When it is to be paid."""
        return self.day + timedelta(days=int(self.record.get("timeToPay") or 0))

    @property
    def open(self) -> Decimal:
        """Still to be paid; what an open credit note holds beyond its invoice is owed to the customer."""
        if self.status not in {"200", "750"}:
            return Decimal(0)
        if self.type == "GU":
            return self.gross + self.credited
        due = self.type in CLAIMS and not self.cancelled
        return self.gross - self.paid - self.credited if due else Decimal(0)

    @property
    def cash_discount(self) -> Decimal:
        """Not paid although closed."""
        closed = self.type in CLAIMS and self.status == "1000" and not self.reversed
        return self.gross - self.paid if closed and 0 < self.paid < self.gross else Decimal(0)

    @property
    def tax_rule(self) -> str:
        """Tax rule of the new bookkeeping system, tax type of the old one."""
        return reference(self.record, "taxRule") or self.record.get("taxType") or "unknown"


def counted(books: Mapping[str, Sequence[Record]], *, cumulative: bool = False) -> list[Document]:
    """Return the documents that count.

    `books` holds the records by sevDesk's names (Invoice, CreditNote ...); `cumulative` is the reading of
    final invoices.
    """
    billed = [r for r in books["Invoice"] if r["invoiceType"] in CLAIMS | {"SR"} and _issued(r)]
    credited = [r for r in books["CreditNote"] if _category(r) == "UNDERACHIEVEMENT" and _issued(r)]
    documents = [_document(r) for r in billed + credited]
    _find_reversals(documents)
    _sign(documents)
    if cumulative:
        _lower_final_invoices(documents)
    _set_off_credit_notes(documents)
    find_places(documents, books)
    _name_customers(documents, books)
    return documents


def totals(documents: Iterable[Document], key: Callable[[Document], Any], *amounts: str) -> dict[Any, Any]:
    """Group documents; return per group their number and the sums of the named amounts."""
    groups: dict[Any, list[Document]] = defaultdict(list)
    for document in documents:
        groups[key(document)].append(document)
    return {
        k: (len(g), *(sum(getattr(d, amount) for d in g) for amount in amounts)) for k, g in groups.items()
    }


def _issued(record: Record) -> bool:
    return str(record["status"]) in {"200", "750", "1000"}


def _category(record: Record) -> str | None:
    if record.get("bookingCategory"):
        return str(record["bookingCategory"])
    return "UNDERACHIEVEMENT" if record.get("refSrcInvoice") else None


def _document(record: Record) -> Document:
    origin = record.get("origin") or {}
    is_invoice = record["objectName"] == "Invoice"
    kind = record["invoiceType"] if is_invoice else "GU"
    from_invoice = origin.get("id") if kind == "SR" and origin["objectName"] == "Invoice" else None
    day = record["invoiceDate" if is_invoice else "creditNoteDate"][:10]
    net, tax, gross, own, paid = _euros(record, day)
    return Document(
        id=("invoice-" if is_invoice else "credit_note-") + record["id"],
        number=record["id"] if is_invoice else "",
        type=kind,
        status=str(record["status"]),
        day=date.fromisoformat(day),
        record=record,
        takes_back=from_invoice if is_invoice else reference(record, "refSrcInvoice"),
        order=origin.get("id") if origin.get("objectName") == "Order" else None,
        net=net,
        tax=tax,
        gross=gross,
        own=own,
        paid=paid if kind in CLAIMS else Decimal(0),
    )


def _euros(record: Record, day: str) -> tuple[Decimal, ...]:
    """Amounts as delivered, in euros: booked ones first, else by the rate of the day or the last before."""
    net, tax, gross = (Decimal(str(record[f"sum{part}"])) for part in ("Net", "Tax", "Gross"))
    foreign = Decimal(str(record.get("sumGrossForeignCurrency") or 0))
    paid = Decimal(str(record.get("paidAmount") or 0))
    own = gross
    if record["currency"] != "EUR" and foreign not in {0, gross}:
        own = foreign
    elif record["currency"] != "EUR":
        rate = max(published for published in _rates_of(record["currency"]) if published[0] <= day)[1]
        net, gross, paid = (_cents(amount / rate) for amount in (net, gross, paid))
        tax = gross - net
    return net, tax, gross, own, paid


def _find_reversals(documents: list[Document]) -> None:
    """Mark what is taken back, in part (`reversed`) or whole (`cancelled`), and what does so."""
    takers = defaultdict(list)
    for document in documents:
        if document.takes_back:
            takers[document.takes_back].append(document)
    for invoice in [d for d in documents if d.number in takers]:
        back = takers[invoice.number]
        has_cancellation = any(d.type == "SR" for d in back)
        whole = has_cancellation or sum(abs(d.own) for d in back) >= abs(invoice.own)
        for document in [invoice, *back]:
            document.reversed, document.cancelled = True, whole


def _sign(documents: list[Document]) -> None:
    """Turn cancellations and credit notes negative; what cancels a negative invoice positive."""
    negative = {d.number for d in documents if d.type in CLAIMS and d.gross < 0}
    for document in documents:
        if document.type in {"SR", "GU"}:
            wanted = 1 if document.type == "SR" and document.takes_back in negative else -1
            turn = wanted if document.gross >= 0 else -wanted
            document.net, document.tax, document.gross = (
                turn * amount for amount in (document.net, document.tax, document.gross)
            )


def _lower_final_invoices(documents: list[Document]) -> None:
    """Take the order's earlier invoices, unless cancelled, out of its final one and of what cancels that."""
    finals = {d.number: d for d in documents if d.type == "ER" and d.order}
    earlier = defaultdict(list)
    for document in documents:
        if document.type in {"TR", "AR"} and not document.cancelled:
            earlier[document.order].append((document.net, document.tax, document.gross))
    for document in documents:
        turn = -1 if document.type == "SR" else 1
        final = finals.get({"ER": document.number, "SR": document.takes_back}.get(document.type) or "")
        for net, tax, gross in earlier[final.order] if final else []:
            document.net -= turn * net
            document.tax -= turn * tax
            document.gross -= turn * gross


def _set_off_credit_notes(documents: list[Document]) -> None:
    """Let each credit note, the older one first, settle what is not paid of its invoice."""
    invoices = {d.number: d for d in documents if d.type in CLAIMS}
    notes = sorted((d for d in documents if d.type == "GU"), key=lambda d: (d.day, d.id))
    for number, invoice in invoices.items():
        its_own = [note for note in notes if note.takes_back == number]
        room = invoice.gross - invoice.paid if invoice.status in {"200", "750"} else Decimal(0)
        if invoice.cancelled:
            room = -sum((note.gross for note in its_own), Decimal(0)) - invoice.paid
        for note in its_own:
            note.credited = max(min(room, -note.gross), Decimal(0))
            invoice.credited += note.credited
            room -= note.credited


def _name_customers(documents: list[Document], books: Mapping[str, Sequence[Record]]) -> None:
    contacts = {c["id"]: c for c in books["Contact"]}
    for document in documents:
        contact = contacts.get(reference(document.record, "contact"), {})
        firm = contacts.get(reference(contact, "parent"), {})
        written = [
            name
            for c in (firm, contact)
            if c
            for name in (c["name"], f"{c['surename'] or ''} {c['familyname'] or ''}")
        ]
        on_paper = tidy(document.record.get("addressName"))
        document.customer = next((tidy(name) for name in written if tidy(name)), on_paper or "Unknown")
        document.customer_id = (firm or contact).get("id") or f"without contact: {on_paper or document.id}"


@cache
def rates() -> list[tuple[str, str, str]]:
    """Return the ECB's own rates since 2015 (day, currency, units for one euro), oldest first."""
    history = read_history(packaged(), until=date(2100, 1, 1)).rates
    return [(r.rate_date.isoformat(), r.currency, r.rate) for r in history if r.rate_date.year >= 2015]


@cache
def _rates_of(currency: str) -> list[tuple[str, Decimal]]:
    return [(day, Decimal(rate)) for day, code, rate in rates() if code == currency]


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)
