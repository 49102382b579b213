"""In an hour without news one view is all that changes: up to when sevDesk was seen to hold nothing else.

The view holds a literal, so in Snowflake neither making it nor the session needs a running warehouse.
"""

import os
from contextlib import closing
from datetime import datetime

from orchestration.environment import ROOT, World

STATEMENT = (
    "create or replace view {schema}.checked_until as "
    "select cast('{instant}' as timestamptz) as checked_until"
)


def statement(schema: str, instant: datetime) -> str:
    """Return the statement that says `instant`, aware, in the view of `schema`."""
    return STATEMENT.format(schema=schema, instant=instant.isoformat())


def write(world: World, instant: datetime) -> None:
    """Let the figures say that they hold everything up to `instant`. Raises the driver's error."""
    if world.loader == "target-snowflake":
        from orchestration.snowflake.account import connect, setting  # noqa: PLC0415 - slow to import

        role = setting(os.environ, "SNOWFLAKE_DBT_ROLE")
        database = setting(os.environ, "SNOWFLAKE_DATABASE")
        with closing(connect(os.environ, role, database)) as connection:
            connection.cursor().execute(statement(f"{database}.STAGING", instant))
        return
    import duckdb  # noqa: PLC0415 - slow to import

    with duckdb.connect(str(ROOT / "output" / "warehouse.duckdb")) as file:
        file.execute(statement("staging", instant))
