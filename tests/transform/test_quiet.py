"""An hour in which nothing changed: how dbt knows, and that the figures say they are as new as the read."""

from __future__ import annotations

import json
import shutil
from typing import Any

import duckdb
import pytest

from orchestration.dbt.unchanged import ABOUT_THE_READING, SINCE
from tests.helpers.raw_warehouse import note_extraction, write_raw
from tests.helpers.transform_project import Project

MONDAY, TUESDAY = "2026-06-01T03:00:00+00:00", "2026-06-02T03:00:00+00:00"
MARTS_WITH_AGE = """
    select table_name from information_schema.columns
    where table_schema = 'analytics' and column_name = 'data_as_of' and table_name <> 'pipeline_status'
"""


def invoice(number: str, **changes: Any) -> dict[str, Any]:
    """Return an open invoice over 119 euros, due on Monday, as the API sends it."""
    plain = {
        "id": number,
        "invoiceType": "RE",
        "status": "200",
        "invoiceDate": "2026-06-01T00:00:00+02:00",
        "currency": "EUR",
        "sumNet": "119",
        "sumTax": "0",
        "sumGross": "119",
        "sumGrossForeignCurrency": "0",
        "addressCity": "Ulm",
    }
    return plain | changes


def read(project: Project, *invoices: dict[str, Any], at: str, mode: str = "incremental") -> None:
    """Write what a read at that moment brings, audit included."""
    write_raw(project.warehouse, "invoices", invoices, at)
    for stream, rows in (("invoices", len(invoices)), ("credit_notes", 0)):
        note_extraction(project.warehouse, stream, at, rows=rows, mode=mode)


@pytest.fixture(scope="module")
def on_monday(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return a warehouse with two invoices, read completely on Monday and built."""
    project = Project(tmp_path_factory.mktemp("dbt"))
    project.fresh_raw()
    read(project, invoice("1"), invoice("2"), at=MONDAY, mode="full")
    result = project.build()
    assert result.exit_code == 0, result.output
    shutil.copy(project.warehouse, project.folder / "monday")
    return project


@pytest.fixture
def project(on_monday: Project) -> Project:
    """Return that warehouse as it was on Monday."""
    shutil.copy(on_monday.folder / "monday", on_monday.warehouse)
    return on_monday


def nothing_to_build(project: Project) -> bool:
    """Ask as an hourly run does; no model must run for it."""
    result = project.dbt("test", "--select", ABOUT_THE_READING)
    results = json.loads((project.folder / "target" / "run_results.json").read_text(encoding="utf-8"))
    assert not [node for node in results["results"] if node["unique_id"].startswith(("model.", "seed."))]
    return SINCE in result.output


def test_the_same_records_read_again_are_nothing_to_build_and_the_figures_hold_the_new_read(
    project: Project,
) -> None:
    read(project, invoice("1"), at=TUESDAY)

    assert nothing_to_build(project)

    marts = [name for (name,) in project.rows(MARTS_WITH_AGE)]
    assert len(marts) == 9
    for mart in marts:
        found = project.rows(f"select distinct cast(data_as_of as varchar) from analytics.{mart}")
        assert found == [("2026-06-02 03:00:00+00",)], mart
    assert project.rows("select distinct days_overdue, bucket from analytics.receivables_ageing") == [
        (1, "1-30 days")
    ]


def test_a_changed_record_is_something_to_build(project: Project) -> None:
    read(project, invoice("1", sumNet="120", sumGross="120"), at=TUESDAY)

    assert not nothing_to_build(project)

    as_of = "select distinct cast(data_as_of as varchar) from analytics.invoices_summary"
    assert project.rows(as_of) == [("2026-06-01 03:00:00+00",)], "the figures do not hold it yet, and say so"


def test_a_deleted_record_is_something_to_build(project: Project) -> None:
    read(project, invoice("1"), at=TUESDAY, mode="full")
    assert not nothing_to_build(project)


def test_an_incomplete_read_without_news_builds_nothing_and_does_not_make_the_figures_newer(
    project: Project,
) -> None:
    write_raw(project.warehouse, "invoices", [invoice("1")], TUESDAY)
    note_extraction(project.warehouse, "invoices", TUESDAY, rows=1, complete=False)

    assert nothing_to_build(project)

    as_of = "select distinct cast(data_as_of as varchar) from analytics.invoices_summary"
    assert project.rows(as_of) == [("2026-06-01 03:00:00+00",)]


@pytest.mark.parametrize("relation", ["table staging.int_tax", "view analytics.invoices_tax"])
def test_what_is_missing_is_built(project: Project, relation: str) -> None:
    with duckdb.connect(str(project.warehouse)) as db:
        db.execute(f"drop {relation}")
    assert not nothing_to_build(project)


def test_other_code_is_something_to_build(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELS_VERSION", "another")
    assert not nothing_to_build(project)


def test_after_a_build_that_a_rule_stopped_half_way_all_is_built_even_if_the_records_are_as_before(
    project: Project,
) -> None:
    accounts = {number: {"id": number, "objectName": "SevClient"} for number in ("1", "2")}
    mixed = [invoice(number, sevClient=account) for number, account in accounts.items()]
    write_raw(project.warehouse, "invoices", mixed, TUESDAY)
    assert project.build().exit_code == 1, "of two firms"
    write_raw(project.warehouse, "invoices", [invoice("1"), invoice("2")], TUESDAY)

    assert not nothing_to_build(project)
    assert project.build().exit_code == 0
    assert nothing_to_build(project)


def test_a_build_of_a_part_is_no_build_of_the_whole(project: Project) -> None:
    assert project.dbt("run").exit_code == 0, "without rules"
    assert not nothing_to_build(project)
