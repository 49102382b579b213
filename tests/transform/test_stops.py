"""What must stop the figures, and what must only warn: a dashboard is better stale than wrong."""

from __future__ import annotations

import shutil
from decimal import Decimal
from typing import Any

import pytest

from tests.helpers.few_documents import MONDAY, TUESDAY, invoice
from tests.helpers.raw_warehouse import note_extraction, write_rates, write_raw
from tests.helpers.transform_project import Project

pytestmark = pytest.mark.xdist_group("stops")  # its tests share builds

TOTAL = "select coalesce(sum(gross_eur), 0) from analytics.invoices_summary"


@pytest.fixture(scope="module")
def on_monday(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a warehouse with two invoices over 238 euros in all, read completely on Monday and built."""
    project = Project(tmp_path_factory.mktemp("dbt"))
    project.fresh_raw()
    write_raw(project.warehouse, "invoices", [invoice("1"), invoice("2")], MONDAY)
    for stream, rows in (("invoices", 2), ("credit_notes", 0)):
        note_extraction(project.warehouse, stream, MONDAY, rows=rows)
    result = project.build()
    assert result.exit_code == 0, result.output
    assert project.number(TOTAL) == 238
    shutil.copy(project.warehouse, project.folder / "monday")
    return project


@pytest.fixture
def project(on_monday: Project) -> Project:
    """Return that warehouse as it was on Monday."""
    shutil.copy(on_monday.folder / "monday", on_monday.warehouse)
    return on_monday


def test_drafts_and_deleted_records_may_hold_anything(project: Project) -> None:
    drafts = [
        invoice("3", status="100", sumGross=None, invoiceDate=None),
        invoice("4", currency="SEK", status="100"),
    ]
    write_raw(project.warehouse, "invoices", [*drafts, invoice("1"), invoice("2")], TUESDAY)
    write_raw(project.warehouse, "invoices", [invoice("5", invoiceType="XX", status="7")], MONDAY)
    note_extraction(project.warehouse, "invoices", TUESDAY, rows=4)

    result = project.build()

    assert result.exit_code == 0, result.output
    assert project.number(TOTAL) == 238


def test_an_incomplete_full_read_deletes_nothing(project: Project) -> None:
    write_raw(project.warehouse, "invoices", [invoice("1")], TUESDAY)
    note_extraction(project.warehouse, "invoices", TUESDAY, rows=1, complete=False, total_after=None)

    result = project.build()

    assert project.number(TOTAL) == 238
    assert result.exit_code == 0
    assert result.not_passed["latest_read_is_complete"] == "warn"
    as_of = "select distinct cast(data_as_of as varchar) from analytics.invoices_summary"
    assert project.rows(as_of) == [("2026-06-01 03:00:00+00",)], "the figures say how old they are"


def test_counts_that_differ_from_the_server_fail_but_do_not_hold_back_the_figures(project: Project) -> None:
    write_raw(project.warehouse, "invoices", [invoice("3")], TUESDAY)
    note_extraction(
        project.warehouse, "invoices", TUESDAY, rows=1, mode="incremental", total_before=3, total_after=2
    )

    result = project.build()

    assert result.exit_code == 1
    assert result.not_passed["read_counts_agree_with_the_server"] == "fail"
    assert project.number(TOTAL) == 357


@pytest.mark.parametrize(
    ("stream", "warns"), [("tags", False), ("orders", True)], ids=["no figure needs", "a figure needs"]
)
def test_a_list_that_the_account_lacks_is_no_failed_read_unless(
    project: Project, stream: str, *, warns: bool
) -> None:
    lacking: dict[str, Any] = {"complete": False, "incomplete_because": "not offered"}
    note_extraction(project.warehouse, stream, TUESDAY, mode="incremental", **lacking)
    result = project.dbt("build", "--select", "+pipeline_status", "--exclude-resource-type", "unit_test")
    assert ("latest_read_is_complete" in result.not_passed) is warns


def test_warnings_for_a_person_do_not_fail_the_run(project: Project) -> None:
    order = {"id": "9", "objectName": "Order"}
    write_rates(project.warehouse, [("2026-05-04", "USD", "1.1")])
    documents = [
        invoice("3", addressCity=None),
        invoice("4", invoiceType="AR", origin=order),
        invoice("5", invoiceType="ER", origin=order),
        invoice("6", invoiceType="SR", origin={"id": "99", "objectName": "Invoice"}),
        invoice("7", currency="USD", invoiceDate="2026-05-20T00:00:00+02:00"),
        invoice("8", "100", currency="USD", sumGrossForeignCurrency="200"),
    ]
    write_raw(project.warehouse, "invoices", documents, TUESDAY)

    result = project.build()

    assert result.exit_code == 0, result.output
    assert set(result.not_passed) == {
        "mostly_not_invoices_summary_city__5__Unknown",
        "final_invoice_amounts_are_confirmed",
        "reversals_have_their_invoice",
        "exchange_rates_are_recent",
        "booked_rate_is_plausible",
    }


def test_an_amount_in_a_line_of_the_log_is_written_as_in_all_of_them(project: Project) -> None:
    amounts = ["0", "-0.5", "999.99", "1000", "-1386006.85", "100100100", "123456789012345.67"]
    written = ", ".join(f"{{{{ amount_text({amount!r}) }}}}" for amount in amounts)
    result = project.dbt(
        "show", "--inline", f"select array_to_string([{written}], ' ') as said", "--output", "json"
    )
    assert " ".join(f"{Decimal(amount):,.2f}" for amount in amounts) in result.output
