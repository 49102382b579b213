"""The spreadsheet: the same figures, real numbers and dates, and no text of a customer is computed."""

from datetime import datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook  # type: ignore[import-untyped]
from sevdesk_report import read, spreadsheet

from tests.helpers.report_by_hand import Rows, books, document, question, rows

BOOKS = books(300, customers=40, places=20)
SHEETS = [
    "Orte",
    "Länder",
    "Monate",
    "Kunden",
    "Offene Posten",
    "Belege",
    "Belege mit Klärungsbedarf",
    "Einnahmen per Beleg gebucht",
]


def opened(found: Rows, **options: Any) -> Workbook:
    return load_workbook(BytesIO(spreadsheet(read(found), **options)))


def column(book: Workbook, sheet: str, heading: str) -> list[Any]:
    page = book[sheet]
    (number,) = [cell.column for cell in page[1] if cell.value == heading]
    return [page.cell(row, number).value for row in range(2, page.max_row + 1)]


def total(values: list[Any]) -> Decimal:
    return sum((Decimal(str(value)) for value in values if value is not None), Decimal(0))


@pytest.fixture(scope="module")
def book() -> Workbook:
    return opened(BOOKS)


def test_there_is_a_sheet_for_each_question(book: Workbook) -> None:
    assert book.sheetnames == SHEETS


@pytest.mark.parametrize("sheet", ["Orte", "Länder", "Monate", "Kunden", "Belege"])
@pytest.mark.parametrize(
    ("heading", "name"), [("Netto", "net_eur"), ("Brutto", "gross_eur"), ("Offen", "open_eur")]
)
def test_every_sheet_adds_up_to_the_marts(book: Workbook, sheet: str, heading: str, name: str) -> None:
    expected = total([each[name] for each in BOOKS["report_documents"]])
    assert total(column(book, sheet, heading)) == expected


def test_open_items_are_the_documents_of_which_something_is_open(book: Workbook) -> None:
    still = [each for each in BOOKS["report_documents"] if Decimal(each["open_eur"])]
    assert total(column(book, "Offene Posten", "Offen")) == total([each["open_eur"] for each in still])
    assert sorted(column(book, "Offene Posten", "Nummer")) == sorted(each["number"] for each in still)


def test_dates_are_dates_and_amounts_are_numbers(book: Workbook) -> None:
    assert all(isinstance(value, datetime) for value in column(book, "Belege", "Datum"))
    assert all(isinstance(value, int | float) for value in column(book, "Belege", "Netto"))


def test_headings_stay_in_view_and_filter(book: Workbook) -> None:
    for sheet in book:
        assert sheet.freeze_panes == "B2"
        assert sheet.auto_filter.ref.startswith("A1:")
        assert all(cell.font.bold for cell in sheet[1])


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://x")', "http://a.b", "0123"]
)
def test_what_a_customer_wrote_is_text_and_never_computed(text: str) -> None:
    hostile = opened(
        rows(
            document(number=text, customer_name=text, city=text),
            report_documents_in_question=[question(number=text, reason=text, reason_code="other")],
        )
    )
    for sheet, heading in (
        ("Belege", "Nummer"),
        ("Belege", "Kunde"),
        ("Orte", "Ort"),
        ("Belege mit Klärungsbedarf", "Was nicht stimmt"),
    ):
        assert column(hostile, sheet, heading) == [text]
    cells = [cell for sheet in hostile for row in sheet for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]


def test_days_that_a_spreadsheet_does_not_know_are_text() -> None:
    old = opened(rows(document(invoice_date="1899-12-31", due_date="2200-01-01")))
    assert column(old, "Belege", "Datum") == ["1899-12-31"]
    assert column(old, "Belege", "Fällig") == [datetime(2200, 1, 1)]  # noqa: DTZ001 - a calendar date


def test_it_is_written_where_it_is_asked_for_and_in_english(tmp_path: Path) -> None:
    assert spreadsheet(read(BOOKS), tmp_path / "book.xlsx", language_code="en") == b""
    assert load_workbook(tmp_path / "book.xlsx").sheetnames[:2] == ["Cities", "Countries"]


def test_what_one_sheet_cannot_hold_goes_on_in_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(spreadsheet.__globals__, "MOST_ROWS", 2)
    long = opened(rows(*[document(number=str(number)) for number in (1, 2, 3, 4, 5)]))
    sheets = ["Belege", "Belege 2", "Belege 3"]
    assert [name for name in long.sheetnames if name.startswith("Belege") and "mit" not in name] == sheets
    assert [column(long, sheet, "Nummer") for sheet in sheets] == [["5", "4"], ["3", "2"], ["1"]]


def test_no_documents_make_an_empty_book() -> None:
    assert column(opened({}), "Belege", "Netto") in ([], [None])
