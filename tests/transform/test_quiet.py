"""An hour in which nothing changed: the figures say that they are as new as the read."""

from __future__ import annotations

import shutil
from typing import Any

import duckdb
import pytest

from orchestration.warehouse import CHECKED_UNTIL
from tests.helpers.raw_warehouse import note_extraction, write_raw
from tests.helpers.transform_project import Project

pytestmark = pytest.mark.xdist_group("quiet")  # its tests share builds

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


def says(project: Project, instant: str) -> None:
    """Say up to when nothing else was found, as an hour without news does."""
    with duckdb.connect(str(project.warehouse)) as db:
        db.execute(CHECKED_UNTIL.format(schema="staging", instant=instant))


def test_an_hour_without_news_is_one_statement_from_which_all_ages_follow(project: Project) -> None:
    says(project, TUESDAY)

    marts = [name for (name,) in project.rows(MARTS_WITH_AGE)]
    assert len(marts) >= 9
    for mart in marts:
        found = project.rows(f"select distinct cast(data_as_of as varchar) from analytics.{mart}")
        assert found in ([], [("2026-06-02 03:00:00+00",)]), mart  # some marts have no row here
    assert project.rows("select distinct days_overdue, bucket from analytics.receivables_ageing") == [
        (1, "1-30 days")
    ]
    moments = "select cast(data_as_of as varchar), cast(last_change_loaded_at as varchar)"
    assert project.rows(f"{moments} from analytics.pipeline_status where stream = 'invoices'") == [
        ("2026-06-02 03:00:00+00", "2026-06-01 03:00:00+00")
    ]


def test_the_build_that_follows_says_the_same(project: Project) -> None:
    assert project.build({"checked_until": TUESDAY}).exit_code == 0

    as_of = "select distinct cast(data_as_of as varchar) from analytics.invoices_summary"
    assert project.rows(as_of) == [("2026-06-02 03:00:00+00",)]


def test_an_older_word_does_not_make_the_figures_older(project: Project) -> None:
    says(project, "2026-05-01T00:00:00+00:00")

    as_of = "select distinct cast(data_as_of as varchar) from analytics.invoices_summary"
    assert project.rows(as_of) == [("2026-06-01 03:00:00+00",)]


def test_it_does_not_speak_for_a_list_whose_latest_read_was_not_complete(project: Project) -> None:
    note_extraction(project.warehouse, "credit_notes", "2026-06-01T04:00:00+00:00", rows=0, complete=False)
    says(project, TUESDAY)

    status = "select stream, cast(data_as_of as varchar) from analytics.pipeline_status order by stream"
    assert project.rows(status) == [
        ("credit_notes", "2026-06-01 03:00:00+00"),
        ("invoices", "2026-06-02 03:00:00+00"),
    ]


def test_figures_that_a_rule_held_back_do_not_become_newer(project: Project) -> None:
    accounts = {number: {"id": number, "objectName": "SevClient"} for number in ("1", "2")}
    mixed = [invoice(number, sevClient=account) for number, account in accounts.items()]
    read(project, *mixed, at=TUESDAY)
    assert project.build({"checked_until": TUESDAY}).exit_code == 1, "of two firms"

    as_of = "select distinct cast(data_as_of as varchar) from analytics.invoices_summary"
    assert project.rows(as_of) == [("2026-06-01 03:00:00+00",)]
