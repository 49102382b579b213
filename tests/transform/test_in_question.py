"""One bad document never stops the others: it is set aside and named with the reason, they are published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.helpers.few_documents import MONDAY, credit_note, invoice, taken_from
from tests.helpers.raw_warehouse import note_extraction, write_rates, write_raw
from tests.helpers.transform_project import Project, Result

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.xdist_group("in_question")  # its tests share builds

GOOD = [invoice("1"), invoice("2", "10000000000000"), invoice("3", timeToPay="2000000000")]
ODD_INVOICES = [
    (invoice("10", "1.234,56"), "amount_unreadable"),
    (invoice("11", ""), "amount_missing"),
    (invoice("12", None), "amount_missing"),
    (invoice("13", "12345678901234567890"), "amount_unreadable"),
    (invoice("14", "NaN"), "amount_unreadable"),
    (invoice("15", sumTax="0.02"), "sums_disagree"),
    (invoice("16", invoiceDate=None), "date_missing"),
    (invoice("17", invoiceDate="31.12.2025"), "date_unreadable"),
    (invoice("18", invoiceDate="2026-02-30T00:00:00+01:00"), "date_unreadable"),
    (invoice("19", invoiceDate="1899-12-31T00:00:00+01:00"), "date_unreadable"),
    (invoice("20", invoiceDate="2201-01-01T00:00:00+01:00"), "date_unreadable"),
    (invoice("21", status="300"), "unknown_status"),
    (invoice("22", status=None), "unknown_status"),
    (invoice("23", invoiceType="XX"), "unknown_type"),
    (invoice("24", invoiceType="XX", status="100"), "unknown_type"),
    (invoice("25", currency="EURO"), "exchange_rate_missing"),
    (invoice("26", currency="RUB"), "exchange_rate_missing"),
    (invoice("27", currency="USD", sumGrossForeignCurrency="viel"), "foreign_amount_unreadable"),
    (
        invoice("28", invoiceType="SR", status="1000", origin=taken_from("Invoice", "10")),
        "takes_back_a_document_in_question",
    ),
    (invoice("29", paidAmount="viel"), "paid_amount_unreadable"),
]
ODD_CREDIT_NOTES = [
    (credit_note("10", bookingCategory="NEW"), "unknown_booking_category"),
    (credit_note("11", bookingCategory="NEW", status="100"), "unknown_booking_category"),
    (credit_note("12", sumTax="x"), "amount_unreadable"),
    (credit_note("13", refSrcInvoice=taken_from("Invoice", "17")), "takes_back_a_document_in_question"),
]
VOUCHER = {
    "creditDebit": "D",
    "voucherType": "VOU",
    "status": "100",
    "voucherDate": "2026-05-04T00:00:00+02:00",
    "currency": "EUR",
    "sumNet": "100",
    "sumTax": "19",
    "sumGross": "119",
}
ODD_VOUCHERS = [
    ({"id": "2", "sumGross": "1,19"}, "amount_unreadable"),
    ({"id": "3", "sumGross": "119.02"}, "sums_disagree"),
    ({"id": "4", "voucherDate": "04.05.2026"}, "date_unreadable"),
    ({"id": "5", "status": "300"}, "unknown_status"),
    ({"id": "6", "voucherType": "XX"}, "unknown_type"),
]
EARLIER, LATER = "2026-05-04T10:00:00+02:00", "2026-06-01T05:00:01+02:00"  # than the lists were read
LINES: list[dict[str, Any]] = [
    {"id": "6", "invoice": taken_from("Invoice", "1"), "create": EARLIER},
    {"id": "7", "create": EARLIER},
    {"id": "8", "invoice": taken_from("Invoice", "900"), "create": EARLIER},
    {"id": "9", "invoice": taken_from("Invoice", "901"), "create": LATER},
]
MISSING = (
    "select document_source, sevdesk_id, reason from {}documents_in_question"
    " where reason_code = 'document_missing' order by 2"
)
UNDECODED = {
    "offset": 217,
    "page": 3,
    "after_id": "17",
    "before_id": "19",
    "id": None,
    "reason": "it is null",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Result]:
    """Return a warehouse with every odd document beside three good ones, built."""
    project = Project(tmp_path_factory.mktemp("dbt"))
    project.fresh_raw()
    invoices = [*GOOD, *(document for document, _ in ODD_INVOICES)]
    credit_notes = [document for document, _ in ODD_CREDIT_NOTES]
    write_raw(project.warehouse, "invoices", invoices, MONDAY)
    write_raw(project.warehouse, "credit_notes", credit_notes, MONDAY)
    vouchers = [VOUCHER | {"id": "1"}, *(VOUCHER | changes for changes, _ in ODD_VOUCHERS)]
    write_raw(project.warehouse, "vouchers", vouchers, MONDAY)
    write_raw(project.warehouse, "invoice_positions", LINES, MONDAY)
    write_rates(project.warehouse, [("2022-03-01", "RUB", "117.201"), ("2026-05-04", "USD", "1.1")])
    note_extraction(
        project.warehouse,
        "invoices",
        MONDAY,
        rows=len(invoices),
        complete=False,
        incomplete_because="unreadable rows",
        unreadable_rows=[UNDECODED],
    )
    note_extraction(project.warehouse, "credit_notes", MONDAY, rows=len(credit_notes))
    return project, project.build()


def odd() -> Iterator[tuple[str, dict[str, Any], str]]:
    yield from (("invoice", document, code) for document, code in ODD_INVOICES)
    yield from (("credit_note", document, code) for document, code in ODD_CREDIT_NOTES)


def test_the_others_are_published_and_the_build_ends_well(built: tuple[Project, Result]) -> None:
    project, result = built
    assert result.exit_code == 0, result.output
    assert project.rows("select sevdesk_id, gross_eur from analytics.invoices_summary order by 1") == [
        ("1", 119),
        ("2", 10_000_000_000_000),
        ("3", 119),
    ]


def test_a_warning_says_that_there_are_some(built: tuple[Project, Result]) -> None:
    assert built[1].not_passed["no_document_is_in_question"] == "warn"


@pytest.mark.parametrize(("source", "document", "code"), list(odd()), ids=lambda value: str(value)[:60])
def test_each_is_named_with_the_reason_and_what_sevdesk_sent(
    built: tuple[Project, Result], source: str, document: dict[str, Any], code: str
) -> None:
    found = built[0].rows(
        "select number, net_sent, gross_sent, currency_sent, reason_code, reason <> '',"
        f" data_as_of is not null from analytics.documents_in_question where document_source = '{source}'"
        f" and sevdesk_id = '{document['id']}'"
    )
    number = document.get("invoiceNumber") or document.get("creditNoteNumber")
    sent = (document["sumNet"], document["sumGross"], document["currency"])
    assert found == [(number, *sent, code, True, True)]


def test_an_odd_income_voucher_is_set_aside_likewise(built: tuple[Project, Result]) -> None:
    assert built[0].rows(
        "select sevdesk_id, reason_code from analytics.documents_in_question"
        " where document_source = 'voucher' order by 1"
    ) == [(changes["id"], code) for changes, code in ODD_VOUCHERS]
    assert built[0].rows("select voucher_id, gross_eur from analytics.income_vouchers") == [("1", 119)]


def test_the_reason_is_a_sentence_that_quotes_what_is_wrong(built: tuple[Project, Result]) -> None:
    reason = "select reason from analytics.documents_in_question where document_source = 'invoice'"
    found = {
        number: built[0].rows(f"{reason} and sevdesk_id = '{number}'")[0][0] for number in ("10", "15", "25")
    }
    assert found["10"] == 'An amount cannot be read: net "1.234,56", tax "0", gross "1.234,56".'
    assert found["15"] == "Net 119 and tax 0.02 do not add up to gross 119."
    assert "no rate for the currency EURO" in found["25"]


def test_a_line_that_names_no_invoice_is_named_and_stops_nothing(built: tuple[Project, Result]) -> None:
    found = built[0].rows(MISSING.format("analytics."))
    assert found == [("invoice position", "7", "This line names no invoice.")]  # 8 may be undecoded


@pytest.mark.parametrize(("start", "named"), [("", ["7", "8"]), ("2026-01-01", ["7"])])
def test_so_is_one_whose_invoice_the_list_lacks_though_it_was_read_whole_and_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: str, named: list[str]
) -> None:
    monkeypatch.setenv("SEVDESK_START_DATE", start)  # leaves older invoices out, and not their lines
    project = Project(tmp_path)
    project.fresh_raw()
    write_raw(project.warehouse, "invoices", GOOD, MONDAY)
    write_raw(project.warehouse, "invoice_positions", LINES, MONDAY)
    for stream, rows in (("invoices", GOOD), ("credit_notes", [])):
        note_extraction(project.warehouse, stream, MONDAY, rows=len(rows))
    result = project.dbt("run", "--select", "+int_documents_in_question")
    assert result.exit_code == 0, result.output
    found = project.rows(MISSING.format("staging.int_"))
    assert [number for _, number, _ in found] == named
    if not start:
        reason = "This line names the invoice with the id 900; the list of invoices does not hold it."
        assert found[1] == ("invoice position", "8", reason)


def test_a_row_that_could_not_be_decoded_is_named_by_its_place(built: tuple[Project, Result]) -> None:
    (row,) = built[0].rows(
        "select document_type, sevdesk_id, reason from analytics.documents_in_question"
        " where document_source = 'unreadable row'"
    )
    place = "row 218, page 3, after the id 17, before the id 19"
    reason = f"A row of the list invoices cannot be read (it is null). Its place: {place}."
    assert row == ("invoices", None, reason)


def test_its_neighbours_are_as_new_as_that_read(built: tuple[Project, Result]) -> None:
    as_of = "select distinct cast(data_as_of as varchar) from analytics.invoices_summary"
    assert built[0].rows(as_of) == [("2026-06-01 03:00:00+00",)]


def test_a_payment_term_of_millions_of_years_ends_in_a_hundred(built: tuple[Project, Result]) -> None:
    due = built[0].rows("select due_date from analytics.invoices_summary where sevdesk_id = '3'")
    assert str(due[0][0]) == "2126-04-10"


def test_the_proof_sheet_holds_them_and_counts_none(built: tuple[Project, Result]) -> None:
    assert built[0].rows(
        "select cast(sum(document_count) as int), sum(counted_net_eur)"
        " from analytics.invoices_reconciliation where exclusion_reason = 'in question'"
    ) == [(len(ODD_INVOICES) + len(ODD_CREDIT_NOTES), 0)]
