"""Nothing is deleted on hearsay, nor much of it unasked; the books of two firms are never added up."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta

import pytest

from tests.helpers.few_documents import MONDAY, TUESDAY, credit_note, invoice, taken_from
from tests.helpers.raw_warehouse import note_extraction, write_raw
from tests.helpers.transform_project import Project, Result

pytestmark = pytest.mark.xdist_group("deletes")  # its tests share builds

TOTAL = "select coalesce(sum(gross_eur), 0) from analytics.invoices_summary"
INVOICES = [invoice(str(number), "100") for number in range(1, 101)]
ACCEPTED = {"accept_deletes": True}


@pytest.fixture(scope="module")
def on_monday(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a warehouse with a hundred invoices over 100 euros each, read completely on Monday and built."""
    project = Project(tmp_path_factory.mktemp("dbt"))
    project.fresh_raw()
    write_raw(project.warehouse, "invoices", INVOICES, MONDAY)
    write_raw(project.warehouse, "credit_notes", [credit_note("1")], MONDAY)
    note_extraction(project.warehouse, "invoices", MONDAY, rows=100)
    note_extraction(project.warehouse, "credit_notes", MONDAY, rows=1)
    result = project.build()
    assert result.exit_code == 0, result.output
    assert project.number(TOTAL) == 9_990
    shutil.copy(project.warehouse, project.folder / "monday")
    return project


@pytest.fixture
def project(on_monday: Project) -> Project:
    """Return that warehouse as it was on Monday."""
    shutil.copy(on_monday.folder / "monday", on_monday.warehouse)
    return on_monday


def read_in_full(project: Project, count: int) -> None:
    """Read that many of the invoices, and say that those were all; without a server's count that differs."""
    write_raw(project.warehouse, "invoices", INVOICES[:count], TUESDAY)
    note_extraction(project.warehouse, "invoices", TUESDAY, rows=count)


def refused_by_the_brake(project: Project, result: Result) -> bool:
    return (
        result.exit_code == 1
        and "make accept-deletes" in result.output
        and project.number(TOTAL) == 9_990
        and result.not_passed["int_release"] == "error"
    )


def test_one_deleted_invoice_of_a_hundred_leaves_the_figures(project: Project) -> None:
    read_in_full(project, 99)

    assert project.build().exit_code == 0

    assert project.number(TOTAL) == 9_890
    assert project.rows("select invoice_id from staging.invoices_stg where is_deleted") == [("100",)]


def test_a_read_that_sent_none_of_what_it_saw_deletes_nothing(project: Project) -> None:
    """All was as it had been sent last: its records are here, but older than the read."""
    note_extraction(project.warehouse, "invoices", TUESDAY, rows=0, distinct_records=100, total_after=100)

    assert project.build().exit_code == 0

    assert project.number(TOTAL) == 9_990
    assert project.rows("select invoice_id from staging.invoices_stg where is_deleted") == []


@pytest.mark.parametrize("count", [0, 50, 98], ids=["an empty list", "half a list", "two percent less"])
def test_a_list_that_is_empty_or_short_for_a_moment_is_not_published(project: Project, count: int) -> None:
    read_in_full(project, count)
    result = project.build()
    assert refused_by_the_brake(project, result), result.output
    assert f"{100 - count} of 101 published documents" in result.output


def test_whoever_knows_better_accepts_it_once(project: Project) -> None:
    read_in_full(project, 50)

    assert project.build(ACCEPTED).exit_code == 0
    assert project.number(TOTAL) == 4_990
    assert project.build().exit_code == 0, "what is published now is what the next build compares with"


def test_the_environment_variable_of_make_accept_deletes_accepts_it(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_in_full(project, 0)
    monkeypatch.setenv("ACCEPT_DELETES", "1")
    assert project.build().exit_code == 0
    assert project.number(TOTAL) == -10


def test_fewer_documents_for_another_reason_are_no_deletion(project: Project) -> None:
    drafts = [invoice(str(number), "100", status="100") for number in range(1, 51)]
    write_raw(project.warehouse, "invoices", [*drafts, *INVOICES[50:]], TUESDAY)
    note_extraction(project.warehouse, "invoices", TUESDAY, rows=100)
    assert project.build().exit_code == 0
    assert project.number(TOTAL) == 4_990


def test_a_large_amount_counts_as_much_as_many_documents(project: Project) -> None:
    write_raw(project.warehouse, "invoices", [invoice("1", "1000000")], MONDAY)
    assert project.build().exit_code == 0
    write_raw(project.warehouse, "invoices", INVOICES[1:], TUESDAY)
    note_extraction(project.warehouse, "invoices", TUESDAY, rows=99)

    result = project.build()

    assert result.exit_code == 1
    assert "make accept-deletes" in result.output


def test_a_read_of_which_the_rows_did_not_arrive_deletes_nothing_and_is_a_broken_rule(
    project: Project,
) -> None:
    """The load of `invoices` failed and that of `extractions` did not; then an hourly read of one invoice."""
    note_extraction(project.warehouse, "invoices", TUESDAY, rows=100)
    later = "2026-06-02T09:00:00+00:00"
    write_raw(project.warehouse, "invoices", [invoice("1", "100")], later)
    note_extraction(project.warehouse, "invoices", later, rows=1, mode="incremental", total_before=100)

    result = project.build(ACCEPTED)

    assert result.exit_code == 1
    assert result.not_passed["delivered_records_are_loaded"] == "fail"
    assert project.rows("select invoice_id from staging.invoices_stg where is_deleted") == []
    assert project.number(TOTAL) == 9_990
    as_of = "select distinct cast(data_as_of as varchar) from analytics.invoices_summary"
    assert project.rows(as_of) == [("2026-06-01 03:00:00+00",)]


def test_what_was_read_again_since_has_arrived(project: Project) -> None:
    """After a full read an hourly one may touch every row again; that read is still proven."""
    read_in_full(project, 99)
    later = "2026-06-02T09:00:00+00:00"
    write_raw(project.warehouse, "invoices", INVOICES[:60], later)
    note_extraction(project.warehouse, "invoices", later, rows=60, mode="incremental")

    assert project.build().exit_code == 0

    assert project.rows("select invoice_id from staging.invoices_stg where is_deleted") == [("100",)]


def test_the_books_of_two_accounts_are_never_added_up(project: Project) -> None:
    other = [invoice("900", "500", sevClient=taken_from("SevClient", "2000002"))]
    mine = [invoice("1", "100", sevClient=taken_from("SevClient", "1000001"))]
    write_raw(project.warehouse, "invoices", mine + other, TUESDAY)

    result = project.build()

    assert result.exit_code == 1
    assert "two firms" in result.output
    assert "make reset" in result.output
    assert "1000001, 2000002" in result.output
    assert project.number(TOTAL) == 9_990


def test_a_time_in_the_future_is_a_broken_rule_and_deletes_nothing(project: Project) -> None:
    in_two_days = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    write_raw(project.warehouse, "invoices", INVOICES[:1], in_two_days)
    note_extraction(project.warehouse, "invoices", in_two_days, rows=1)

    result = project.build(ACCEPTED)

    assert result.exit_code == 1
    assert result.not_passed["no_time_lies_in_the_future"] == "fail"
    assert project.number(TOTAL) == 9_990
