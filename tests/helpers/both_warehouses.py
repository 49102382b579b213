"""The same sevDesk in both environments, by both loaders and both dbt targets: every relation compared."""

from __future__ import annotations

import difflib
import json
import shutil
import threading
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

import duckdb
import yaml
from sevdesk_sandbox import Sandbox

from tests.helpers.snowflake_stand_in.deployment import Deployment, project
from tests.helpers.snowflake_stand_in.install import PROJECT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Set
    from pathlib import Path

    from tests.helpers.snowflake_stand_in.install import Installed

Rows = list[dict[str, Any]]

STATE_TOO = {"MELTANO_STATE_BACKEND_URI": "snowflake://"}  # bookmarks in Snowflake as well
LINES_TOLD = 6
SCHEMAS = {"raw", "staging", "analytics"}
EVERY_RELATION = """
    select lower(table_schema || '.' || table_name) as name
    from (
        select table_schema, table_name from information_schema.tables
        union select table_schema, table_name from information_schema.views
    ) as relations
    where lower(table_schema) in ('raw', 'staging', 'analytics') and lower(table_name) not like 'meltano_%'
"""

# What two runs over the same books cannot share: when they were, what they are called, a warehouse's hashes.
OF_THE_RUN = {
    "checked_until",
    "data_as_of",
    "extraction_id",
    "finished_at",
    "full_as_of",
    "last_change_at",
    "last_change_loaded_at",
    "last_full_read_at",
    "last_read_finished_at",
    "last_read_started_at",
    "latest_read_at",
    "read_at",
    "released_at",
    "run_id",
    "started_at",
}


class Account(Protocol):
    """A Snowflake account, or its stand-in."""

    def rows(self, query: str) -> Rows:
        """Return the result of a query, with column names in lower case."""


@dataclass(frozen=True)
class Verdict:
    """How a relation compares: how many rows Snowflake has, and the first that differ, if any."""

    relation: str
    rows: int
    difference: str

    def __str__(self) -> str:
        """Return the line, and the differing rows below it."""
        head = f"{'DIFFERS' if self.difference else 'same':<8}{self.relation:<44}{self.rows:>7} rows"
        return head + (f"\n{self.difference}" if self.difference else "")


def story(
    account: Account, settings: dict[str, str], installed: Installed, folder: Path
) -> Iterator[str | Verdict]:
    """Load and compare three times; yield what is done next, and a verdict for each relation.

    First load; three days of changes and a new column, on a new machine with the bookmarks of Snowflake; a
    document deleted in sevDesk, found by a full read. The models are built and compared the first and the
    last time, `raw` each time. `settings` are the variables of the Snowflake one.
    """
    prod = Deployment("prod", "target-snowflake", project(folder / "prod", installed), settings | STATE_TOO)
    warehouse = str(folder / "warehouse.duckdb")
    local_settings = {"TARGET_DUCKDB_PATH": warehouse, "WAREHOUSE_PATH": warehouse}
    local = Deployment("local", "target-duckdb", project(folder / "local", installed), local_settings)
    without_a_column: dict[str, Any] = {
        "TAP_SEVDESK__SELECT": json.dumps([*selected(), "!invoices.customerInternalNote"])
    }
    with Sandbox(seed=1, now="2025-01-10T09:00:00+00:00") as sandbox:
        yield "first load"
        at_once(prod, local, lambda each: each.load(sandbox, **without_a_column), Deployment.build)
        yield from compare(account, local)
        assert "customer_internal_note" not in account.rows("select * from raw.invoices")[0]

        yield "three days of changes and a new column, on another machine"
        sandbox.clock.advance(hours=72)
        requests_before = len(sandbox.log)
        prod = replace(prod, folder=project(folder / "another machine", installed))
        shutil.copytree(folder / "prod" / "target", prod.folder / "target")  # else dbt would parse once more
        at_once(prod, local, lambda each: each.load(sandbox))
        yield from compare(account, local, {"raw"})
        assert "customer_internal_note" in account.rows("select * from raw.invoices")[0]
        requests = sandbox.log[requests_before:]
        asked = [dict(request.params) for request in requests if request.path.endswith("/Invoice")]
        assert asked
        assert all("updateAfter" in parameters for parameters in asked), "the bookmarks were lost"

        yield "a deleted document, found by a full read"
        gone = account.rows("select * from analytics.invoices_summary where source = 'invoice'")[0]
        sandbox.books.delete("Invoice", gone["sevdesk_id"])
        at_once(prod, local, lambda each: each.load(sandbox, full=True), lambda each: each.build(tests=True))
        yield from compare(account, local)
        left = {row["document_id"] for row in account.rows("select * from analytics.invoices_summary")}
        assert left
        assert gone["document_id"] not in left


def selected() -> list[str]:
    """Return what meltano.yml selects of the tap's catalog."""
    meltano = yaml.safe_load((PROJECT / "meltano.yml").read_text(encoding="utf-8"))
    (tap,) = (plugin for plugin in meltano["plugins"]["extractors"] if plugin["name"] == "tap-sevdesk")
    return list(tap["select"])


def at_once(prod: Deployment, local: Deployment, *steps: Callable[[Deployment], None]) -> None:
    """Do all `steps` in both environments at once. Who stops the first does not wait for the second."""
    failed: list[Exception] = []

    def one(deployment: Deployment) -> None:
        try:
            for step in steps:
                step(deployment)
        except Exception as error:
            failed.append(error)

    beside = threading.Thread(target=one, args=[local], daemon=True)
    beside.start()
    one(prod)
    if not failed:
        beside.join()
    if failed:
        raise failed[0]


def compare(account: Account, local: Deployment, schemas: Set[str] = SCHEMAS) -> Iterator[Verdict]:
    """Every table and view of `schemas`: the same columns, and the same rows to the last digit."""
    with duckdb.connect(local.settings["WAREHOUSE_PATH"], read_only=True) as warehouse:
        names = {row["name"] for row in fetch(warehouse, EVERY_RELATION)}
        theirs = {row["name"] for row in account.rows(EVERY_RELATION)}
        assert names == theirs, f"not in both: {', '.join(sorted(names ^ theirs))}"
        assert {name.partition(".")[0] for name in names} == SCHEMAS
        for name in sorted(name for name in names if name.partition(".")[0] in schemas):
            yield verdict(name, account.rows(f"select * from {name}"), fetch(warehouse, f"from {name}"))


def verdict(relation: str, theirs: Rows, ours: Rows) -> Verdict:
    """Return how the rows of Snowflake and of DuckDB compare."""
    lines = difflib.unified_diff(
        comparable(theirs), comparable(ours), "Snowflake", "DuckDB", n=0, lineterm=""
    )
    return Verdict(relation, len(theirs), "\n".join(islice(lines, LINES_TOLD)))


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
    if isinstance(value, dict):
        return {part: plain(part, inner) for part, inner in sorted(value.items())}
    if isinstance(value, list):
        return [plain("", inner) for inner in value]
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
    if value.startswith(("{", "[")) or value == "null":
        return plain(name, json.loads(value, parse_float=Decimal))
    return value
