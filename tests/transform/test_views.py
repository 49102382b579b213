"""A view of the models on DuckDB takes its name in one statement, whatever had the name before."""

from __future__ import annotations

import duckdb
import pytest

from tests.helpers.transform_project import Project

VIEW = "categories_stg"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("dbt"))
    project.fresh_raw()
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
