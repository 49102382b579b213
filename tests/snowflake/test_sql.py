"""The models as compiled for Snowflake: valid there, free of what only DuckDB (so also fakesnow) accepts."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlglot
from sqlglot import exp

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.xdist_group("snowflake_sql")  # its tests share compiled models

PROJECT = Path(__file__).parents[2]
FOLDER: list[str | Path] = ["--project-dir", PROJECT / "transform", "--profiles-dir", PROJECT / "transform"]

# Functions that sqlglot does not know, but Snowflake does.
SNOWFLAKE_FUNCTIONS = {"hash"}

DUCKDB_ONLY = {
    "JSON by arrow": re.compile(r"->"),
    "string_agg": re.compile(r"\bstring_agg\s*\(", re.IGNORECASE),
    "strftime": re.compile(r"\bstrf?p?time\s*\(", re.IGNORECASE),
    "epoch": re.compile(r"\bepoch(_ms)?\s*\(", re.IGNORECASE),
    "aggregate filter": re.compile(r"\bfilter\s*\(\s*where\b", re.IGNORECASE),
    "any(array)": re.compile(r"\bany\s*\(", re.IGNORECASE),
    "quoted lower case": re.compile(r'"[A-Z0-9_]*[a-z]\w*"'),
    "bare reserved word": re.compile(r'(?<!")\b(create|update)\b(?!")', re.IGNORECASE),
    "json_extract_string": re.compile(r"\bjson_extract\w*\s*\(", re.IGNORECASE),
    "reading files": re.compile(r"\bread_\w+\s*\(", re.IGNORECASE),
    "regexp flags": re.compile(r"\bregexp_replace\s*\([^)]*,\s*'g'\s*\)", re.IGNORECASE),
}
EXAMPLES = {
    "JSON by arrow": "select contact->>'id' from t",
    "string_agg": "select string_agg(a, ',') from t",
    "strftime": "select strftime(a, '%Y') from t",
    "epoch": "select epoch(a) from t",
    "aggregate filter": "select count(*) filter (where a) from t",
    "any(array)": "select a = any(array[1, 2]) from t",
    "quoted lower case": 'select "update" from t',
    "bare reserved word": "select update from t",
    "json_extract_string": "select json_extract_string(a, 'id') from t",
    "reading files": "select * from read_csv('x')",
    "regexp flags": "select regexp_replace(a, 'x', '', 'g') from t",
}


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return the SQL of every model and test for the `prod` target, by file name. Nothing is connected to."""
    target = tmp_path_factory.mktemp("compiled")
    env = {name: value for name, value in os.environ.items() if not name.startswith(("SNOWFLAKE_", "DBT_"))}
    account = {"SNOWFLAKE_ACCOUNT": "nobody", "SNOWFLAKE_USER": "nobody", "SNOWFLAKE_PASSWORD": "none"}
    command = ["compile", "--target", "prod", "--no-populate-cache", "--no-introspect", "--quiet"]
    subprocess.run(
        [
            Path(sys.executable).with_name("dbt"),
            *command,
            *FOLDER,
            "--target-path",
            target,
            "--log-path",
            target,
        ],
        env=env | account,
        check=True,
    )
    return {path.name: path.read_text() for path in (target / "compiled").rglob("*.sql")}


@pytest.fixture(scope="module")
def parsed(compiled: dict[str, str]) -> Iterator[dict[str, exp.Expr]]:
    """Return the same as trees; what replaces entities nests deeper than Python's limit."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    yield {name: parse(name, sql) for name, sql in compiled.items()}
    sys.setrecursionlimit(limit)


def parse(name: str, sql: str) -> exp.Expr:
    try:
        return sqlglot.parse_one(sql, dialect="snowflake")
    except sqlglot.errors.ParseError as error:
        pytest.fail(f"{name}: {error}")


def test_every_model_and_test_parses_as_snowflake_sql(parsed: dict[str, exp.Expr]) -> None:
    assert {"invoices_stg.sql", "invoices_summary.sql"} <= set(parsed)


def test_no_model_uses_what_only_duckdb_understands(compiled: dict[str, str]) -> None:
    assert [(name, what) for name, sql in compiled.items() for what in duckdb_only(sql)] == []


def test_no_model_calls_an_unknown_function(parsed: dict[str, exp.Expr]) -> None:
    called = {call.name.lower() for tree in parsed.values() for call in tree.find_all(exp.Anonymous)}
    assert called <= SNOWFLAKE_FUNCTIONS


def test_a_truncated_date_is_cast_as_the_databases_differ_in_its_type(parsed: dict[str, exp.Expr]) -> None:
    for name, tree in parsed.items():
        for call in tree.find_all(exp.DateTrunc, exp.TimestampTrunc):
            assert isinstance(call.parent, exp.Cast), f"{name}: {call.sql()}"


@pytest.mark.parametrize(("what", "example"), EXAMPLES.items())
def test_each_such_construct_is_noticed(what: str, example: str) -> None:
    assert what in set(duckdb_only(example))


def duckdb_only(sql: str) -> Iterator[str]:
    """Name what in `sql` Snowflake refuses or reads differently; comments and texts are left out."""
    code = re.sub(r"--.*|/\*.*?\*/", "", sql)
    code = re.sub(r"'(?!g')(?:[^']|'')*'", "''", code)
    for what, pattern in DUCKDB_ONLY.items():
        if pattern.search(code):
            yield what
