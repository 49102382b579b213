"""Views: made in one statement whatever had the name before, and left as they are where only rows are new."""

from __future__ import annotations

import shutil
from collections import Counter
from typing import TYPE_CHECKING

import duckdb
import pytest
from sevdesk_sandbox import Sandbox

from orchestration.run import TABLES_AND_RULES
from tests.helpers.transform_project import Project

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.xdist_group("views")  # its tests share a build
VIEW = "categories_stg"
EVENING = "2026-06-30T23:30:00+02:00"  # another day in some of the world


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("dbt"))
    project.fresh_raw()
    return project


@pytest.fixture(scope="module")
def of_the_evening(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a warehouse with the books of that evening, read completely and built; not to be changed."""
    project = Project(tmp_path_factory.mktemp("evening"))
    project.fresh_raw()
    with Sandbox(seed=5, now=EVENING) as sandbox:
        project.read_completely(sandbox)
    assert project.build().exit_code == 0
    return project.warehouse


@pytest.fixture
def built(project: Project, of_the_evening: Path) -> Project:
    """Return the project with a copy of that warehouse."""
    shutil.copy(of_the_evening, project.warehouse)
    return project


@pytest.mark.parametrize(
    "before",
    [
        "select 1",
        "create view staging.categories_stg as select 1 as category_id",
        "create table staging.categories_stg as select 1 as category_id",
    ],
    ids=["nothing", "an older view", "a table"],
)
def test_whatever_had_its_name(before: str, project: Project) -> None:
    with duckdb.connect(str(project.warehouse)) as db:
        db.execute("drop schema if exists staging cascade; create schema staging")
        db.execute(before)
    assert project.dbt("run", "--select", VIEW).exit_code == 0
    relations = "select table_name, table_type from information_schema.tables where table_schema = 'staging'"
    assert project.rows(relations) == [(VIEW, "VIEW")]
    columns = project.rows(f"select column_name from information_schema.columns where table_name = '{VIEW}'")
    assert ("category_name",) in columns


ONLY_NEW_ROWS = ("build", "--exclude-resource-type", "unit_test", "--select", *TABLES_AND_RULES)


def marts(project: Project) -> dict[str, list[tuple[object, ...]]]:
    names = project.rows("select table_name from information_schema.tables where table_schema = 'analytics'")
    return {name: sorted(project.rows(f"select * from analytics.{name}"), key=str) for (name,) in names}


def test_new_rows_alone_give_the_figures_of_a_build_of_everything(built: Project) -> None:
    before = marts(built)
    with Sandbox(seed=5, now=EVENING) as sandbox:
        sandbox.clock.advance(days=3)
        built.read_completely(sandbox)
    assert built.dbt(*ONLY_NEW_ROWS).exit_code == 0
    after = marts(built)
    assert built.build().exit_code == 0
    assert after == marts(built)
    assert after["invoices_summary"] != before["invoices_summary"]


def test_new_rows_that_break_a_rule_on_a_view_are_not_published(built: Project) -> None:
    published = marts(built)
    with duckdb.connect(str(built.warehouse)) as db:
        db.execute("insert into raw.invoices by name select * replace (null as id) from raw.invoices limit 1")
    result = built.dbt(*ONLY_NEW_ROWS)
    assert result.exit_code != 0
    assert result.not_passed["keys_of_staging"] == "fail"
    assert result.not_passed["int_release"] == "skipped"
    assert marts(built) == published


def test_whoever_asks_from_any_time_zone_gets_the_same_figures(of_the_evening: Path) -> None:
    """The file is opened on a laptop in Germany; it must not contradict the page, made in UTC."""
    with duckdb.connect(str(of_the_evening), read_only=True) as db:
        relations = "select table_schema || '.' || table_name from information_schema.tables order by all"
        names = [name for (name,) in db.execute(relations).fetchall() if not name.startswith("raw.")]
        names.remove("staging.report_rows")  # moments as text, with the session's offset in it
        figures = {}
        for zone in ("UTC", "Europe/Berlin", "Pacific/Auckland", "America/Los_Angeles"):
            db.execute(f"set timezone = '{zone}'")
            figures[zone] = {name: Counter(db.execute(f"from {name}").fetchall()) for name in names}
    assert figures["UTC"]["analytics.receivables_ageing"]
    for zone, found in figures.items():
        assert [name for name in names if found[name] != figures["UTC"][name]] == [], zone
