"""Snowflake holds what DuckDB holds: the same sevDesk, both loaders, both dbt targets, every mart compared.

Snowflake is a stand-in here (snowflake_stand_in/README.md): what it proves and what it cannot is said there.
"""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from sevdesk_sandbox import Sandbox
from snowflake_stand_in.account import StandIn, stand_in
from snowflake_stand_in.install import PROJECT, install
from snowflake_stand_in.world import World, project

from orchestration.marts import QUERY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

Rows = list[dict[str, Any]]

EVERY_RELATION = """
    select lower(table_schema || '.' || table_name) as name
    from (
        select table_schema, table_name from information_schema.tables
        union select table_schema, table_name from information_schema.views
    ) as relations
    where lower(table_schema) in ('raw', 'staging', 'analytics') and lower(table_name) not like 'meltano_%'
"""
COMPUTES = re.compile(
    r"merge |insert |delete |update |copy |with |select (?!current_)|create or replace .*table .+ as"
)
STATE_TOO = {"MELTANO_STATE_BACKEND_URI": "snowflake://"}  # bookmarks in Snowflake as well

# What two runs over the same books cannot share: when they were, and what they are called.
OF_THE_RUN = {
    "data_as_of",
    "extraction_id",
    "finished_at",
    "full_as_of",
    "last_full_read_at",
    "last_read_finished_at",
    "last_read_started_at",
    "read_at",
    "run_id",
    "started_at",
}


@pytest.fixture
def account(tmp_path: Path) -> Iterator[StandIn]:
    with stand_in(install(), tmp_path / "statements.jsonl") as account:
        for schema in ("raw", "staging", "analytics"):  # as snowflake/setup.sql does
            account.rows(f"create schema if not exists sevdesk.{schema}")
        yield account


@pytest.fixture
def prod(tmp_path: Path, account: StandIn) -> World:
    return World(
        "prod", "target-snowflake", project(tmp_path / "prod", install()), account.environment | STATE_TOO
    )


@pytest.fixture
def local(tmp_path: Path) -> World:
    warehouse = str(tmp_path / "warehouse.duckdb")
    settings = {"TARGET_DUCKDB_PATH": warehouse, "WAREHOUSE_PATH": warehouse}
    return World("local", "target-duckdb", project(tmp_path / "local", install()), settings)


@pytest.mark.timeout(900)
def test_both_warehouses_hold_the_same_rows_through_changes_a_new_column_and_deletes(
    account: StandIn, prod: World, local: World, tmp_path: Path
) -> None:
    without_a_column = {"TAP_SEVDESK__SELECT": json.dumps(["*.*", "!invoices.customerInternalNote"])}
    setup = len(account.statements())
    with Sandbox(seed=1, now="2025-01-10T09:00:00+00:00") as sandbox:
        # first load, before the column is known
        refresh(sandbox, prod, local, **without_a_column)
        assert_same_rows(account, local)
        assert "customer_internal_note" not in snowflake_rows(account, "raw.invoices")[0]

        # three days later: changes and the new column; on a new machine, with bookmarks from Snowflake
        sandbox.clock.advance(hours=72)
        requests_before = len(sandbox.log)
        prod = replace(prod, folder=project(tmp_path / "another machine", install()))
        refresh(sandbox, prod, local)
        assert_same_rows(account, local)
        assert "customer_internal_note" in snowflake_rows(account, "raw.invoices")[0]
        asked = [
            dict(request.params)
            for request in sandbox.log[requests_before:]
            if request.path.endswith("/Invoice")
        ]
        assert asked
        assert all("updateAfter" in parameters for parameters in asked)

        # a document deleted in sevDesk is gone after the nightly full read
        gone = snowflake_rows(account, "analytics.invoices_summary where source = 'invoice'")[0]
        sandbox.books.delete("Invoice", gone["sevdesk_id"])
        refresh(sandbox, prod, local, full=True, tests=True)
        assert_same_rows(account, local)
        left = {row["document_id"] for row in snowflake_rows(account, "analytics.invoices_summary")}
        assert left
        assert gone["document_id"] not in left

        # no role may create a schema, and none has to
        assert not [
            sql
            for sql in account.statements()[setup:]
            if re.match(r"create (schema|database)", sql, re.IGNORECASE)
        ]


@pytest.mark.timeout(600)
def test_what_an_hour_costs(account: StandIn, prod: World) -> None:
    """The numbers in snowflake/README.md, counted: statements for which Snowflake wakes a warehouse."""
    with Sandbox(seed=1, now="2025-01-10T09:00:00+00:00") as sandbox:
        prod.load(sandbox)
        quiet_load = woken(account, lambda: prod.load(sandbox))
        build = woken(account, lambda: prod.build(tests=True))
    readme = (PROJECT / "snowflake" / "README.md").read_text()
    assert f"An hour in which nothing changed sends {quiet_load} of them" in readme
    most = re.search(r"A dbt build with its tests sends fewer than (\d+)", readme)
    assert most
    assert build < int(most[1])


def woken(account: StandIn, run: Callable[[], None]) -> int:
    """Count the statements of `run` that compute; the rest are answered from metadata alone."""
    before = len(account.statements())
    run()
    sent = [
        " ".join(re.sub(r"/\*.*?\*/", "", sql, flags=re.DOTALL).lower().split())
        for sql in account.statements()
    ]
    return sum(bool(COMPUTES.match(sql)) for sql in sent[before:])


def refresh(
    sandbox: Sandbox, *worlds: World, full: bool = False, tests: bool = False, **settings: str
) -> None:
    """Load and build, all worlds at once."""

    def one(world: World) -> None:
        world.load(sandbox, full=full, **settings)
        world.build(tests=tests)

    with ThreadPoolExecutor() as pool:
        list(pool.map(one, worlds))


def assert_same_rows(account: StandIn, local: World) -> None:
    """Every table and view of all three schemas: the same columns, and the same rows to the last digit."""
    with duckdb.connect(local.settings["WAREHOUSE_PATH"], read_only=True) as warehouse:
        names = {row["name"] for row in fetch(warehouse, EVERY_RELATION)}
        assert names == {row["name"] for row in account.rows(EVERY_RELATION)}
        assert {name.partition(".")[0] for name in names} == {"raw", "staging", "analytics"}
        for name in sorted(names):
            theirs, ours = snowflake_rows(account, name), fetch(warehouse, f"from {name}")
            assert comparable(theirs) == comparable(ours), name
        report = re.sub(r"{{ ref\('(\w+)'\) }}", r"analytics.\1", QUERY)
        assert comparable(account.rows(report)) == comparable(fetch(warehouse, report)), "the report's query"


def snowflake_rows(account: StandIn, name: str) -> Rows:
    return account.rows(f"select * from {name}")


def fetch(warehouse: duckdb.DuckDBPyConnection, query: str) -> Rows:
    result = warehouse.execute(query)
    columns = [column[0].lower() for column in result.description]
    return [dict(zip(columns, row, strict=True)) for row in result.fetchall()]


def comparable(rows: Rows) -> list[str]:
    """Return one text for each row, sorted."""
    return sorted(
        json.dumps({name: plain(name, value) for name, value in sorted(row.items())}, ensure_ascii=False)
        for row in rows
    )


def plain(name: str, value: Any) -> Any:  # noqa: PLR0911
    """Return the value without its warehouse: exact numbers as text, moments in UTC, JSON as what it holds.

    Of values that belong to the run, and of the loader's own columns, only whether they are there.
    """
    assert not isinstance(value, float), f"{name} is a binary fraction: {value!r}"
    if name in OF_THE_RUN or name.startswith("_sdc_"):
        return value is not None
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | Decimal):
        return format(Decimal(value).normalize(), "f")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if name == "id" and ":" in value:  # of an extraction: the run, then the stream
        return value.partition(":")[2]
    return json.loads(value) if value.startswith(("{", "[")) or value == "null" else value
