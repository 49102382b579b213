"""The same figures as a spreadsheet, with all documents; numbers and dates are such.

Text of customers is written as text whatever it looks like: `=1+1` stays four letters and is never computed.
"""

from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO
from itertools import chain, count, islice
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter  # type: ignore[import-untyped]

from sevdesk_report.language import Language, language
from sevdesk_report.outside import reason
from sevdesk_report.pack import KINDS, STATUSES
from sevdesk_report.places import city_name, country_name, customer_name
from sevdesk_report.ranking import Line, by_city, by_country, by_customer, by_month
from sevdesk_report.rows import Document, Report

MOST_ROWS = 1_048_575  # of a sheet, below its heading
MOST_LETTERS = 32_767  # of a cell
EARLIEST = date(1900, 1, 1)  # a spreadsheet knows no day before


@dataclass(frozen=True)
class Column:
    """A column: its heading, width in letters, and how its values look: text, count, amount or date."""

    heading: str
    width: int
    kind: str = "text"


@dataclass(frozen=True)
class Sheet:
    """A sheet: its name, columns and rows."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]


def spreadsheet(report: Report, target: Path | BinaryIO | None = None, *, language_code: str = "de") -> bytes:
    """Write the workbook of `report` to `target`, a path or an open file; without one return it.

    Raises OSError if the file cannot be written.
    """
    held = BytesIO() if target is None else None
    words = language(language_code)
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "in_memory": held is not None,
    }
    with closing(xlsxwriter.Workbook(held or target, options)) as book:
        formats = {
            "text": book.add_format({}),
            "count": book.add_format({"num_format": "#,##0"}),
            "amount": book.add_format({"num_format": "#,##0.00"}),
            "date": book.add_format({"num_format": "dd.mm.yyyy" if words.code == "de" else "yyyy-mm-dd"}),
            "heading": book.add_format({"bold": True, "bottom": 1}),
        }
        for sheet in sheets(report, words):
            _write(book, sheet, formats)
    return held.getvalue() if held else b""


def sheets(report: Report, words: Language) -> list[Sheet]:
    """Return the sheets, in order."""
    documents = report.documents
    return [
        _places(words.text("Cities"), words.text("City"), by_city(documents, words), words),
        _places(words.text("Countries"), words.text("Country"), by_country(documents, words), words),
        _months(documents, words),
        _customers(report, words),
        _documents(words.text("Open items"), [each for each in documents if each.open], words),
        _documents(words.text("Documents"), documents, words),
        _questions(report, words),
        *_vouchers(report, words),
    ]


def _write(book: Any, sheet: Sheet, formats: dict[str, Any]) -> None:  # noqa: ANN401 - xlsxwriter has no types
    """Write `sheet`; what it cannot hold goes on in others of its name with a number."""
    rows = iter(sheet.rows)
    more: Iterable[Sequence[Any]] = islice(rows, 1)
    for part in count(1):
        name = sheet.name if part == 1 else f"{sheet.name} {part}"
        _part(book, name, sheet.columns, chain(more, islice(rows, MOST_ROWS - 1)), formats)
        more = list(islice(rows, 1))
        if not more:
            return


def _part(
    book: Any,  # noqa: ANN401
    name: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Any]],
    formats: dict[str, Any],
) -> None:
    page = book.add_worksheet(name)
    page.freeze_panes(1, 1)
    for number, column in enumerate(columns):
        page.set_column(number, number, column.width, formats[column.kind])
    for number, column in enumerate(columns):
        page.write_string(0, number, column.heading, formats["heading"])
    last = 0
    for last, row in enumerate(rows, 1):
        for number, (value, column) in enumerate(zip(row, columns, strict=True)):
            _cell(page, last, number, value, formats[column.kind])
    page.autofilter(0, 0, max(last, 1), len(columns) - 1)


def _cell(page: Any, row: int, column: int, value: object, form: Any) -> None:  # noqa: ANN401
    if value is None or value == "":
        return
    if isinstance(value, date):
        if value >= EARLIEST:
            page.write_datetime(row, column, value, form)
        else:
            page.write_string(row, column, value.isoformat())
    elif isinstance(value, Decimal | int):
        page.write_number(row, column, value, form)
    else:
        page.write_string(row, column, str(value)[:MOST_LETTERS], form)


def _places(name: str, heading: str, lines: Sequence[Line], words: Language) -> Sheet:
    text = words.text
    columns = [
        Column(text("Place"), 7, "count"),
        Column(heading, 34),
        Column(text("Country"), 9),
        *_sums(words),
    ]
    rows = (
        (place, line.label, line.country_code, line.documents, line.net, line.gross, line.open)
        for place, line in enumerate(lines, 1)
    )
    return Sheet(name, columns, rows)


def _sums(words: Language) -> list[Column]:
    text = words.text
    return [
        Column(text("Documents"), 11, "count"),
        Column(text("Net"), 16, "amount"),
        Column(text("Gross"), 16, "amount"),
        Column(text("Open"), 16, "amount"),
    ]


def _months(documents: Sequence[Document], words: Language) -> Sheet:
    text = words.text
    columns = [Column(text("Month"), 12, "date"), Column(text("Year"), 8), *_sums(words)]
    rows = (
        (date.fromisoformat(f"{line.key}-01"), line.key[:4], line.documents, line.net, line.gross, line.open)
        for line in by_month(documents)
    )
    return Sheet(text("Months"), columns, rows)


def _customers(report: Report, words: Language) -> Sheet:
    text = words.text
    owed = {each.customer_id: each for each in report.receivables}
    columns = [
        Column(text("Place"), 7, "count"),
        Column(text("Customer"), 40),
        Column(text("Customer no. in sevDesk"), 14),
        *_sums(words),
        Column(text("Overdue"), 16, "amount"),
        Column(text("Overdue since"), 14, "date"),
        Column(text("Credit notes"), 16, "amount"),
        Column(text("Balance"), 16, "amount"),
        Column(text("Days to pay"), 12, "count"),
    ]

    def row(place: int, line: Line) -> Sequence[Any]:
        known = owed.get(line.key)
        debts = (
            (known.overdue, known.oldest_due if known.overdue else None, known.credit_notes, known.balance)
            if known
            else (None,) * 4
        )
        days = known.days_to_pay if known else None
        return (place, line.label, line.key, line.documents, line.net, line.gross, line.open, *debts, days)

    lines = by_customer(report.documents, words)
    return Sheet(text("Customers"), columns, (row(place, line) for place, line in enumerate(lines, 1)))


def _documents(name: str, documents: Sequence[Document], words: Language) -> Sheet:
    text = words.text
    columns = [
        Column(text("Number"), 16),
        Column(text("Type"), 18),
        Column(text("Status"), 14),
        Column(text("Date"), 12, "date"),
        Column(text("Due"), 12, "date"),
        Column(text("Days overdue"), 12, "count"),
        Column(text("Customer"), 40),
        Column(text("City"), 28),
        Column(text("Country"), 20),
        Column(text("Net"), 16, "amount"),
        Column(text("Gross"), 16, "amount"),
        Column(text("Open"), 16, "amount"),
    ]
    rows = (
        (
            each.number,
            text(KINDS.get(each.kind, each.kind)),
            text(STATUSES.get(each.status, each.status)),
            each.date,
            each.due,
            each.days_overdue or None,
            customer_name(each.customer, words),
            city_name(each.city, words),
            country_name(each.country_code, each.country, words),
            each.net,
            each.gross,
            each.open,
        )
        for each in documents
    )
    return Sheet(name, columns, rows)


def _questions(report: Report, words: Language) -> Sheet:
    text = words.text
    columns = [
        Column(text("Number"), 16),
        Column(text("Number in sevDesk (ID)"), 14),
        Column(text("What is wrong"), 60),
        Column(text("Type"), 8),
        Column(text("Status"), 8),
        Column(text("Date"), 22),
        Column(text("Net"), 16),
        Column(text("Gross"), 16),
        Column(text("Currency"), 9),
    ]
    rows = (
        (
            *(each.number, each.sevdesk_id, reason(each, words), each.kind, each.status),
            *(each.date, each.net, each.gross, each.currency),
        )
        for each in report.questions
    )
    return Sheet(text("Documents in question"), columns, rows)


def _vouchers(report: Report, words: Language) -> Iterable[Sheet]:
    if not report.vouchers:
        return
    text = words.text
    columns = [
        Column(text("Number"), 16),
        Column(text("Date"), 12, "date"),
        Column(text("Customer"), 40),
        Column(text("Net"), 16, "amount"),
        Column(text("Gross"), 16, "amount"),
    ]
    rows = ((each.number, each.date, each.name, each.net, each.gross) for each in report.vouchers)
    yield Sheet(text("Income booked by voucher"), columns, rows)
