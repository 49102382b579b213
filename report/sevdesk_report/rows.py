"""The rows that the report is made of, read into dataclasses; amounts become Decimal, dates date.

The tables are dbt models (transform/models/report/); a test of the whole compares their columns with these.
"""

import datetime as dt
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

TABLES = (
    "report_status",
    "report_documents",
    "report_listed",
    "report_streams",
    "report_receivables",
    "report_documents_in_question",
    "report_income_vouchers",
    "report_final_invoices",
)
_EXACT = json.JSONDecoder(parse_float=Decimal)
ZERO = Decimal(0)
UNKNOWN = "Unknown"  # what the marts say where there is no city, name or country
NO_COUNTRY = "ZZ"
Row = Mapping[str, Any]
Rows = Mapping[str, Iterable[Row]]


@dataclass(frozen=True, slots=True)
class Document:
    """A document that is in the total. Amounts in euros, signed: credit notes and cancellations are negative.

    `bucket` is 0 where nothing is open, 1 where it is not due, 2 to 5 by days overdue, as in
    `receivables_ageing`. `kind` and `status` are words of the marts (`credit_note`, `partly paid`).
    """

    number: str
    kind: str
    status: str
    date: dt.date
    due: dt.date | None
    days_overdue: int
    bucket: int
    customer_id: str
    customer: str
    country_code: str
    country: str
    city: str
    net: Decimal
    gross: Decimal
    open: Decimal


@dataclass(frozen=True)
class Listed:
    """Documents of one month, type and status: what sevDesk lists of them and what of it is in the total.

    `month` is its first day, None for drafts without a date. `reason` says why they do not count, empty if
    they do. Listed amounts have the signs that sevDesk sends, counted ones those of the total.
    """

    month: date | None = None
    code: str = ""
    type: str = ""
    status: str = ""
    status_name: str = ""
    reason: str = ""
    documents: int = 0
    net: Decimal = ZERO
    gross: Decimal = ZERO
    counted_net: Decimal = ZERO
    counted_gross: Decimal = ZERO

    @property
    def counted(self) -> int:
        """How many of the documents are in the total."""
        return 0 if self.reason else self.documents


@dataclass(frozen=True)
class Stream:
    """How far one of sevDesk's lists has been read.

    `as_of` is the start of the latest complete read, `full_as_of` that of the latest complete full one, None
    before the first. `complete` and `count_agrees` speak of the latest read: whether it ended well, and
    whether the `seen` different records are as many as the server counted (`expected`); None if unknown.
    `needed` says whether the figures need it.
    """

    name: str
    as_of: datetime | None = None
    full_as_of: datetime | None = None
    complete: bool = False
    count_agrees: bool | None = None
    seen: int | None = None
    expected: int | None = None
    needed: bool = True


@dataclass(frozen=True)
class Receivable:
    """What one customer owes, as of now: open invoices, credit notes set against them, and the balance."""

    customer_id: str
    customer: str
    open: Decimal
    overdue: Decimal
    credit_notes: Decimal
    balance: Decimal
    oldest_due: date | None
    days_overdue: int
    days_to_pay: Decimal | None
    documents: int


@dataclass(frozen=True)
class Question:
    """A document that is in no total as something in it cannot be right; its values as sevDesk sent them."""

    source: str
    sevdesk_id: str
    number: str
    kind: str
    status: str
    date: str
    net: str
    gross: str
    currency: str
    code: str
    reason: str


@dataclass(frozen=True)
class Voucher:
    """Income that was booked by voucher: beside the total, never in it."""

    number: str
    date: date | None
    name: str
    net: Decimal
    tax: Decimal
    gross: Decimal
    status: str


@dataclass(frozen=True)
class FinalInvoice:
    """A final invoice whose amount can be read in two ways; `at_stake` is the difference, net, in euros."""

    number: str
    sevdesk_id: str
    date: date | None
    net: Decimal
    at_stake: Decimal


@dataclass(frozen=True)
class Status:
    """Where the rows come from and how far they reach.

    `complete_since` is the first day from which on all documents are there; None means from the first one.
    `rates_as_of` is the day of the latest exchange rate, `foreign` how many documents are converted.
    """

    account: str = ""
    as_of: datetime | None = None
    last_change: datetime | None = None
    rates_as_of: date | None = None
    foreign: int = 0
    complete_since: date | None = None
    final_invoices_are: str = ""


@dataclass(frozen=True)
class Report:
    """All that the report says."""

    status: Status
    documents: list[Document]
    listed: list[Listed]
    streams: list[Stream]
    receivables: list[Receivable]
    questions: list[Question]
    vouchers: list[Voucher]
    final_invoices: list[FinalInvoice]


def tables(lines: Iterable[Row]) -> dict[str, Iterator[Row]]:
    """Return the rows of TABLES from those of `report_rows`: `part` is the table, `content` a row as JSON.

    Each can be read once: of a million documents, one row at a time is taken apart.
    """
    found: dict[str, list[str]] = {}
    for line in lines:
        one = {name.lower(): value for name, value in line.items()}
        found.setdefault(one["part"], []).append(one["content"])
    return {part: map(_EXACT.decode, contents) for part, contents in found.items()}


def read(rows: Rows) -> Report:
    """Return the rows of TABLES as a report; the documents come out newest first.

    A column that a row lacks is null, as Snowflake leaves nulls out of JSON. Raises TypeError for an amount
    that is a float.
    """

    def table(name: str) -> Iterator[Row]:
        for row in rows.get(name, ()):
            yield defaultdict(lambda: None, {column.lower(): value for column, value in row.items()})

    documents = [_document(row) for row in table("report_documents")]
    documents.sort(key=lambda document: (document.date, document.number), reverse=True)
    return Report(
        status=_status(table("report_status")),
        documents=documents,
        listed=[_listed(row) for row in table("report_listed")],
        streams=[_stream(row) for row in table("report_streams")],
        receivables=[_receivable(row) for row in table("report_receivables")],
        questions=[_question(row) for row in table("report_documents_in_question")],
        vouchers=[_voucher(row) for row in table("report_income_vouchers")],
        final_invoices=[_final_invoice(row) for row in table("report_final_invoices")],
    )


def _status(rows: Iterable[Row]) -> Status:
    found = list(rows)
    if not found:
        return Status()
    (row,) = found
    return Status(
        account=_text(row["account"]),
        as_of=_instant(row["data_as_of"]),
        last_change=_instant(row["last_change_at"]),
        rates_as_of=_date(row["rates_as_of"]),
        foreign=int(row["foreign_documents"] or 0),
        complete_since=_date(row["complete_since"]),
        final_invoices_are=_text(row["final_invoice_amounts"]),
    )


def _document(row: Row) -> Document:
    return Document(
        number=_text(row["number"]),
        kind=_text(row["document_class"]),
        status=_text(row["status_name"]),
        date=_day(row["invoice_date"]),
        due=_date(row["due_date"]),
        days_overdue=int(row["days_overdue"] or 0),
        bucket=int(row["bucket_order"] or 0),
        customer_id=_text(row["customer_id"]),
        customer=_text(row["customer_name"]),
        country_code=_text(row["country_code"]),
        country=_text(row["country_name"]),
        city=_text(row["city"]),
        net=_euros(row["net_eur"]),
        gross=_euros(row["gross_eur"]),
        open=_euros(row["open_eur"]),
    )


def _listed(row: Row) -> Listed:
    return Listed(
        month=_date(row["invoice_month"]),
        code=_text(row["document_type"]),
        type=_text(row["document_type_name"]),
        status=_text(row["status"]),
        status_name=_text(row["status_name"]),
        reason=_text(row["exclusion_reason"]),
        documents=int(row["document_count"]),
        net=_euros(row["listed_net_eur"]),
        gross=_euros(row["listed_gross_eur"]),
        counted_net=_euros(row["counted_net_eur"]),
        counted_gross=_euros(row["counted_gross_eur"]),
    )


def _stream(row: Row) -> Stream:
    return Stream(
        name=_text(row["list_name"]),
        as_of=_instant(row["data_as_of"]),
        full_as_of=_instant(row["last_full_read_at"]),
        complete=bool(_flag(row["last_read_is_complete"])),
        count_agrees=_flag(row["count_agrees"]),
        seen=None if row["distinct_records"] is None else int(row["distinct_records"]),
        expected=None if row["total_after"] is None else int(row["total_after"]),
        needed=bool(_flag(row["is_needed"])),
    )


def _receivable(row: Row) -> Receivable:
    days = row["average_days_to_pay"]
    return Receivable(
        customer_id=_text(row["customer_id"]),
        customer=_text(row["customer_name"]),
        open=_euros(row["open_eur"]),
        overdue=_euros(row["overdue_eur"]),
        credit_notes=_euros(row["credit_notes_eur"]),
        balance=_euros(row["balance_eur"]),
        oldest_due=_date(row["oldest_due_date"]),
        days_overdue=int(row["days_overdue"] or 0),
        days_to_pay=None if days is None else _euros(days),
        documents=int(row["document_count"]),
    )


def _question(row: Row) -> Question:
    return Question(
        source=_text(row["document_source"]),
        sevdesk_id=_text(row["sevdesk_id"]),
        number=_text(row["number"]),
        kind=_text(row["document_type"]),
        status=_text(row["status"]),
        date=_text(row["date_sent"]),
        net=_text(row["net_sent"]),
        gross=_text(row["gross_sent"]),
        currency=_text(row["currency_sent"]),
        code=_text(row["reason_code"]),
        reason=_text(row["reason"]),
    )


def _voucher(row: Row) -> Voucher:
    return Voucher(
        number=_text(row["number"]),
        date=_date(row["voucher_date"]),
        name=_text(row["customer_name"]),
        net=_euros(row["net_eur"]),
        tax=_euros(row["tax_eur"]),
        gross=_euros(row["gross_eur"]),
        status=_text(row["status"]),
    )


def _final_invoice(row: Row) -> FinalInvoice:
    return FinalInvoice(
        number=_text(row["number"]),
        sevdesk_id=_text(row["sevdesk_id"]),
        date=_date(row["invoice_date"]),
        net=_euros(row["net_eur"]),
        at_stake=_euros(row["at_stake_eur"]),
    )


def _text(value: object) -> str:
    """Return text without control characters, which no name needs and no console should obey.

    Documents share the same text: names and places come again and again.
    """
    text = "" if value is None else str(value)
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text).strip()
    return sys.intern(text)


def _euros(value: object) -> Decimal:
    if isinstance(value, float):
        raise TypeError("An amount came as a float, which has lost cents. Hand over text or Decimal.")
    return ZERO if value is None else Decimal(str(value))


def _flag(value: object) -> bool | None:
    return None if value is None else str(value).lower() in {"true", "1"}


def _date(value: object) -> date | None:
    return None if value is None or value == "" else _day(value)


def _day(value: object) -> date:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


def _instant(value: object) -> datetime | None:
    if not value:
        return None
    if isinstance(value, datetime):
        return value
    # Snowflake writes `2026-06-30 12:00:00.000 +0000`
    return datetime.fromisoformat(re.sub(r" ([+-]\d\d):?(\d\d)$", r"\1:\2", str(value)))
