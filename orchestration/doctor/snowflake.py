"""Whether Snowflake lets the pipeline in and allows it what it needs, and no more than that.

Looks only: two sign-ins, SHOW GRANTS, and one query that wakes the warehouse for its minute.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import TYPE_CHECKING

from orchestration.doctor.row import BAD, GOOD, Given, Row
from orchestration.snowflake.account import as_dbt, connect, rows, setting
from orchestration.snowflake.errors import GRANTS, explain

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

    Grants = set[tuple[str, str]]

WRITING = {"INSERT", "UPDATE", "DELETE", "TRUNCATE", "OWNERSHIP", "CREATE TABLE", "CREATE VIEW"}


def warehouse(_: Given) -> Iterator[Row]:
    """Yield the lines for the loader's and dbt's sign-in and grants, and for the warehouse."""
    env = os.environ
    database = setting(env, "SNOWFLAKE_DATABASE")
    yield from _role(env, "SNOWFLAKE_ROLE", "loader", needed_by_loader(env, database))
    yield from _role(as_dbt(env), "SNOWFLAKE_DBT_ROLE", "dbt", needed_by_dbt(env, database))


def needed_by_loader(env: Mapping[str, str], database: str) -> "Grants":
    """Return privilege and object of all that loading and bookmarks need."""
    raw = f"SCHEMA {database}.RAW"
    return {
        ("USAGE", f"WAREHOUSE {setting(env, 'SNOWFLAKE_WAREHOUSE')}"),
        ("USAGE", f"DATABASE {database}"),
        *((privilege, raw) for privilege in ("USAGE", "CREATE TABLE", "CREATE FILE FORMAT")),
    }


def needed_by_dbt(env: Mapping[str, str], database: str) -> "Grants":
    """Return privilege and object of all that dbt needs."""
    built = [f"SCHEMA {database}.{schema}" for schema in ("STAGING", "ANALYTICS")]
    return {
        ("USAGE", f"WAREHOUSE {setting(env, 'SNOWFLAKE_WAREHOUSE')}"),
        ("USAGE", f"DATABASE {database}"),
        ("USAGE", f"SCHEMA {database}.RAW"),
        ("SELECT", f"FUTURE TABLE {database}.RAW"),
        *((privilege, on) for on in built for privilege in ("USAGE", "CREATE TABLE", "CREATE VIEW")),
    }


def _role(env: Mapping[str, str], role_setting: str, who: str, needed: "Grants") -> Iterator[Row]:
    from snowflake.connector.errors import Error  # noqa: PLC0415 - slow to import

    role, database = setting(env, role_setting), setting(env, "SNOWFLAKE_DATABASE")
    what = f"Snowflake {who}"
    try:
        with closing(connect(env, role, database)) as connection:
            yield Row(GOOD, f"{env['SNOWFLAKE_USER']} signs in as {role}", what)
            held = _held(connection, role)
            yield _allowed(role, needed, held)
            if who == "dbt":
                yield _only_reads(role, f"{database}.RAW", held)
            else:
                what = f"  warehouse {setting(env, 'SNOWFLAKE_WAREHOUSE')}"
                list(rows(connection, "select count(*) as schemas from information_schema.schemata"))
                yield Row(GOOD, "computes", what)
    except Error as error:
        refusal = explain(str(error), role_setting)
        yield Row(BAD, refusal.sentence if refusal else f"Snowflake says: {error.raw_msg or error.msg}", what)


def _held(connection: "SnowflakeConnection", role: str) -> "Grants":
    """Return what `role` was granted, itself or by a role it was given; futures as FUTURE TABLE <schema>."""
    held: Grants = set()
    roles, seen = [role], set()
    while roles:
        seen.add(one := roles.pop())
        for grant in rows(connection, f'show grants to role "{one}"'):
            held.add((grant["privilege"], f"{grant['granted_on']} {grant['name']}".upper()))
            if grant["granted_on"] == "ROLE" and grant["name"] not in seen:
                roles.append(grant["name"])
        for grant in rows(connection, f'show future grants to role "{one}"'):
            held.add(
                (grant["privilege"], f"FUTURE {grant['grant_on']} {grant['name'].rpartition('.')[0]}".upper())
            )
    return held


def _allowed(role: str, needed: "Grants", held: "Grants") -> Row:
    what = f"  grants of {role}"
    lacking = sorted(f"{p} on {on}" for p, on in needed if not {(p, on), ("OWNERSHIP", on)} & held)
    if lacking:
        return Row(BAD, f"{', '.join(lacking)} missing. {GRANTS}; it adds what is missing.", what)
    return Row(GOOD, "all that it needs", what)


def _only_reads(role: str, raw: str, held: "Grants") -> Row:
    what = f"  RAW for {role}"
    where = (f"SCHEMA {raw}", f"TABLE {raw}.", f"FUTURE TABLE {raw}")
    excess = sorted(f"{p} on {on}" for p, on in held if p in WRITING and on.startswith(where))
    if excess:
        advice = f"{role} may write to RAW, which only the loader should: revoke {excess[0]} from it."
        return Row(BAD, advice, what)
    return Row(GOOD, "may be read and not be written", what)
