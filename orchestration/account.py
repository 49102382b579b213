"""Whose records the warehouse holds: what the tap must know before it loads any of another account."""

import os
from contextlib import closing
from typing import Any

from orchestration.environment import ROOT, World

STATEMENT = "select max(account) from {schema}.extractions"


def in_warehouse(world: World) -> str | None:
    """Return the id of the sevDesk account (`sevClient`) that was loaded, as the tap's audit trail has it.

    None when nothing was loaded, or the warehouse does not answer: the load itself says why, if it cannot
    either, and no build publishes the records of two accounts.
    """
    try:
        return _snowflake() if world.loader == "target-snowflake" else _duckdb()
    except Exception:
        return None


def _snowflake() -> str | None:
    from orchestration.snowflake.account import connect, setting  # noqa: PLC0415 - slow to import

    role = setting(os.environ, "SNOWFLAKE_DBT_ROLE")
    database = setting(os.environ, "SNOWFLAKE_DATABASE")
    with closing(connect(os.environ, role, database)) as connection, connection.cursor() as cursor:
        cursor.execute(STATEMENT.format(schema=f"{database}.RAW"))
        found: Any = cursor.fetchone()
    return str(found[0]) if found and found[0] else None


def _duckdb() -> str | None:
    import duckdb  # noqa: PLC0415 - slow to import

    with duckdb.connect(str(ROOT / "output" / "warehouse.duckdb"), read_only=True) as file:
        found = file.execute(STATEMENT.format(schema="raw")).fetchone()
    return str(found[0]) if found and found[0] else None
