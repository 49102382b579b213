"""The key of a model as dbt tests it, on tables written by hand: what breaks it, and which row is named."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from tests.helpers.transform_project import Project

RULE = "keys_of_candidates"
Rows = list[tuple[Any, ...]]

# A model, its key and three required columns; one without a key; one whose key may have an empty second part.
SIGNED = ("int_documents_signed", "document_id", "net_eur", "tax_eur", "gross_eur")
NO_KEY = ("int_documents_in_question", "document_source", "reason_code", "reason")
RATES = ("int_document_tax_rates", "document_id", "tax_rate")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project(tmp_path_factory.mktemp("dbt"))
    project.fresh_raw()
    built = project.dbt("build", "--select", "+int_release", "--exclude-resource-types", "unit_test", "test")
    assert built.exit_code == 0, built.output
    return project


def culprits(project: Project, table: tuple[str, ...], rows: Rows) -> list[str]:
    """Return what the rule of the candidates' keys says when a table holds these rows; `[]` if it holds."""
    name, *columns = table
    with duckdb.connect(str(project.warehouse)) as db:
        db.execute(f"alter table staging.{name} rename to kept")
        db.execute(f"create table staging.{name} ({' varchar, '.join(columns)} varchar)")
        db.executemany(f"insert into staging.{name} values ({', '.join('?' for _ in columns)})", rows)
    result = project.dbt("test", "--select", RULE)
    with duckdb.connect(str(project.warehouse)) as db:
        db.execute(f"drop table staging.{name}")
        db.execute(f"alter table staging.kept rename to {name}")
    said = [line for line in result.output.splitlines() if line.startswith(f"{RULE}: ")]
    assert (result.exit_code, result.not_passed) == ((1, {RULE: "fail"}) if said else (0, {})), result.output
    return [sentence for line in said for sentence in sorted(line.removeprefix(f"{RULE}: ").split(", "))]


@pytest.mark.parametrize(
    ("table", "rows", "named"),
    [
        (SIGNED, [("invoice-1", "1", "0", "1"), ("invoice-2", "1", "0", "1")], []),
        (
            SIGNED,
            [("invoice-1", "1", "0", "1"), ("invoice-1", "2", "0", "2")],
            ["int_documents_signed: invoice-1 in 2 rows"],
        ),
        (SIGNED, [(None, "1", "0", "1"), ("invoice-2", "1", "0", "1")], ["int_documents_signed: (empty)"]),
        (
            SIGNED,
            [("invoice-1", None, "0", None)],
            ["int_documents_signed: invoice-1 without net_eur without gross_eur"],
        ),
        (RATES, [("invoice-1", "19"), ("invoice-1", None), ("invoice-2", None)], []),
        (
            RATES,
            [("invoice-1", None), ("invoice-1", None)],
            ["int_document_tax_rates: invoice-1 / (empty) in 2 rows"],
        ),
        (
            NO_KEY,
            [("invoice", "c", "r"), ("invoice", "c", None), ("invoice", "c", "r")],
            ["int_documents_in_question: without reason"],
        ),
        (RATES, [(None, "19")], ["int_document_tax_rates: (empty) / 19"]),
    ],
    ids=[
        "two rows of their own",
        "a duplicate",
        "no key",
        "no value in a required column",
        "a part of the key that may be empty",
        "twice the same empty part",
        "no key, and no value in a required column",
        "a part of the key that may not be empty",
    ],
)
def test_a_key_is_there_and_there_once_and_what_is_required_too(
    project: Project, table: tuple[str, ...], rows: Rows, named: list[str]
) -> None:
    assert culprits(project, table, rows) == named
