"""What the orchestration itself asks of the warehouse, one statement each; everything else there is dbt's."""

import os
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from typing import Any

from orchestration.environment import WAREHOUSE, Environment
from orchestration.errors import PublicError

ACCOUNT = "select max(account) from {schema}.extractions"
CHECKED_UNTIL = (
    "create or replace view {schema}.checked_until as "
    "select cast('{instant}' as timestamptz) as checked_until"
)


def identity(environment: Environment, env: Mapping[str, str]) -> str | None:
    """Return which warehouse `environment` loads into; None for a DuckDB file that is not there or empty.

    Of a file it is the one on the disk: one that was deleted and made again is another.
    """
    if environment.warehouse == "duckdb":
        try:
            found = WAREHOUSE.stat()
        except FileNotFoundError:
            return None
        # DuckDB takes an empty one for a new one
        return f"file {found.st_dev}:{found.st_ino}" if found.st_size else None
    return f"{env.get('SNOWFLAKE_ACCOUNT', '')} {env.get('SNOWFLAKE_DATABASE', '')}".upper()


def account(environment: Environment) -> str | None:
    """Return the id of the sevDesk account (`sevClient`) that was loaded, as the tap's audit trail has it.

    None when nothing was loaded, or the warehouse does not answer: the load itself says why, if it cannot
    either, and no build publishes the records of two accounts.
    """
    try:
        found = _execute(environment, "raw", ACCOUNT)
    except Exception:
        return None
    return str(found[0]) if found and found[0] else None


def set_checked_until(environment: Environment, instant: datetime) -> None:
    """Have the figures say that they hold everything up to `instant`, aware. Raises PublicError.

    The view holds a literal, so in Snowflake neither making it nor the session needs a running warehouse.
    """
    try:
        _execute(environment, "staging", CHECKED_UNTIL, instant.isoformat(), read_only=False)
    except Exception as error:
        said = str(error).partition("\n")[0]
        reason = f"The warehouse could not note that nothing has changed: {said}"
        raise PublicError(reason, "The warehouse does not answer.") from error


def _execute(
    environment: Environment, schema: str, statement: str, instant: str = "", *, read_only: bool = True
) -> Any:  # noqa: ANN401 - a row
    """Execute `statement` in `schema`; return the first row of its result, if it has one."""
    if environment.warehouse == "snowflake":
        from orchestration.snowflake.account import as_dbt, connect, setting  # noqa: PLC0415 - for Snowflake only

        role, database = (setting(os.environ, f"SNOWFLAKE_{name}") for name in ("DBT_ROLE", "DATABASE"))
        with (
            closing(connect(as_dbt(os.environ), role, database)) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(statement.format(schema=f"{database}.{schema}", instant=instant))
            return cursor.fetchone()
    import duckdb  # noqa: PLC0415 - slow to import

    with duckdb.connect(str(WAREHOUSE), read_only=read_only) as file:
        return file.execute(statement.format(schema=schema, instant=instant)).fetchone()
