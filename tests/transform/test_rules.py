"""The rules of revenue as dbt states and tests them, on a warehouse in which nothing has been loaded yet."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.helpers.few_documents import MONDAY
from tests.helpers.raw_warehouse import note_extraction
from tests.helpers.transform_project import DBT, TRANSFORM, Project, Result

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.xdist_group("rules")  # its tests share builds

RULES = {
    "types_that_count",
    "statuses_that_count",
    "credit_notes_count_by_booking_category",
    "sign_of_cancellations_whatever_sevdesk_sends",
    "cancelled_pairs",
    "final_invoices_bill_what_remains",
    "final_invoices_repeat_what_was_billed_before",
    "advance_invoices_are_revenue_by_default",
    "advance_invoices_are_billed_but_need_not_be_revenue",
    "home_currency_takes_its_own_sums",
    "booked_amounts_come_first",
    "otherwise_the_rate_of_the_day_or_the_last_before",
    "without_a_rate_the_amount_is_missing_never_one_to_one",
    "literal_calendar_date",
    "skonto_is_shown_apart",
    "open_amounts_come_from_payments_not_from_the_status",
    "city_is_taken_from_the_document_then_its_address_then_the_contact",
    "city_spellings_are_one_city",
    "frankfurt_am_main_is_not_frankfurt_oder",
    "deleted_is_what_the_latest_complete_full_read_did_not_see",
    "without_a_complete_full_read_nothing_is_deleted",
    "data_as_of_is_the_older_of_the_latest_complete_reads",
}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Result]:
    project = Project(tmp_path_factory.mktemp("dbt"))
    project.fresh_raw()
    return project, project.dbt("build")


def test_every_rule_holds_and_everything_builds_before_anything_was_loaded(
    empty: tuple[Project, Result],
) -> None:
    _, result = empty
    assert result.exit_code == 0, result.output
    assert not result.not_passed


def test_every_rule_has_a_unit_test_of_its_name(empty: tuple[Project, Result]) -> None:
    project, _ = empty
    listed = project.dbt("ls", "--resource-type", "unit_test", "--output", "name")
    assert set(listed.output.split()) >= RULES


def test_figures_of_nothing_are_nothing(empty: tuple[Project, Result]) -> None:
    project, _ = empty
    assert project.number("select count(*) from analytics.invoices_summary") == 0
    assert project.number("select count(*) from analytics.invoices_amount_by_city") == 0


def test_an_account_without_documents_is_as_new_as_its_latest_read(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.fresh_raw()
    for stream in ("invoices", "credit_notes"):
        note_extraction(project.warehouse, stream, MONDAY)
    result = project.build()
    assert result.exit_code == 0, result.output
    as_of = project.rows("select cast(data_as_of as varchar), foreign_documents from staging.report_status")
    assert as_of == [("2026-06-01 03:00:00+00", 0)]


@pytest.mark.parametrize("started_in", [".", "transform/models"])
def test_the_local_warehouse_is_found_from_wherever_dbt_is_started(started_in: str, tmp_path: Path) -> None:
    copy = tmp_path / "transform"
    shutil.copytree(TRANSFORM, copy, ignore=shutil.ignore_patterns("target", "logs"))
    (tmp_path / "output" / ".pipeline").mkdir(parents=True)
    environment = {k: v for k, v in os.environ.items() if k != "WAREHOUSE_PATH"}
    command = ["debug", "--connection", "--project-dir", str(copy), "--profiles-dir", str(copy)]
    subprocess.run(
        [str(DBT), *command], cwd=tmp_path / started_in, env=environment, check=True, capture_output=True
    )
    assert (tmp_path / "output" / ".pipeline" / "warehouse.duckdb").exists()
