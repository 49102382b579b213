"""The key of a model as dbt tests it, on tables written by hand: what breaks it, and which row is named."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from tests.helpers.transform_project import Project

Rows = list[tuple[Any, ...]]

# A model, its key and three required columns; another one, whose key has a second part that may be empty.
SIGNED = ("int_documents_signed", "document_id", "net_eur", "tax_eur", "gross_eur")
RATES = ("int_document_tax_rates", "document_id", "tax_rate")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("dbt"))
    project.fresh_raw()
    return project


def culprits(project: Project, table: tuple[str, ...], rows: Rows) -> list[str]:
    """Return what the key's test says of a table of these rows; nothing if it holds."""
    name, *columns = table
    with duckdb.connect(str(project.warehouse)) as db:
        db.execute("create schema if not exists staging")
        db.execute(f"create or replace table staging.{name} ({' varchar, '.join(columns)} varchar)")
        db.executemany(f"insert into staging.{name} values ({', '.join('?' for _ in columns)})", rows)
    result = project.dbt("test", "--select", f"has_key_{name}")
    said = [line for line in result.output.splitlines() if line.startswith(f"has_key_{name}: ")]
    assert (result.exit_code, result.troubles) == ((1, {f"has_key_{name}": "fail"}) if said else (0, {})), (
        result.output
    )
    return sorted(line.split(": ", 1)[1] for line in said)


@pytest.mark.parametrize(
    ("table", "rows", "named"),
    [
        (SIGNED, [("invoice-1", "1", "0", "1"), ("invoice-2", "1", "0", "1")], []),
        (SIGNED, [("invoice-1", "1", "0", "1"), ("invoice-1", "2", "0", "2")], ["invoice-1 in 2 rows"]),
        (SIGNED, [(None, "1", "0", "1"), ("invoice-2", "1", "0", "1")], ["(empty)"]),
        (SIGNED, [("invoice-1", None, "0", None)], ["invoice-1 without net_eur without gross_eur"]),
        (RATES, [("invoice-1", "19"), ("invoice-1", None), ("invoice-2", None)], []),
        (RATES, [("invoice-1", None), ("invoice-1", None)], ["invoice-1 / (empty) in 2 rows"]),
        (RATES, [(None, "19")], ["(empty) / 19"]),
    ],
    ids=[
        "two rows of their own",
        "a duplicate",
        "no key",
        "no value in a required column",
        "a part of the key that may be empty",
        "twice the same empty part",
        "a part of the key that may not be empty",
    ],
)
def test_a_key_is_there_and_there_once_and_what_is_required_too(
    project: Project, table: tuple[str, ...], rows: Rows, named: list[str]
) -> None:
    assert culprits(project, table, rows) == named
