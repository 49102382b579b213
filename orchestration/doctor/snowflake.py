"""Whether Snowflake lets the pipeline in and allows it what it needs, and no more than that.

Looks only: two sign-ins, SHOW GRANTS, and one query that wakes the warehouse for its minute.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from typing import TYPE_CHECKING

from orchestration.doctor.row import BAD, GOOD, Row
from orchestration.snowflake.account import connect, rows, setting
from orchestration.snowflake.errors import GRANTS, explain
from orchestration.snowflake.key import as_dbt

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

    Grants = set[tuple[str, str]]

WRITING = {"INSERT", "UPDATE", "DELETE", "TRUNCATE", "OWNERSHIP", "CREATE TABLE", "CREATE VIEW"}


def examine(env: Mapping[str, str]) -> Iterator[Row]:
    """Yield the lines for the loader's and dbt's sign-in and grants, and for the warehouse."""
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


def _role(env: Mapping[str, str], role_setting: str, who: str, needed: "Grants") -> Iterable[Row]:
    from snowflake.connector.errors import Error  # noqa: PLC0415 - slow to import

    role = setting(env, role_setting)
    what = f"Snowflake {who}"
    try:
        with closing(connect(env, role, setting(env, "SNOWFLAKE_DATABASE"))) as connection:
            yield Row(GOOD, what, f"{env['SNOWFLAKE_USER']} signs in as {role}")
            held = _held(connection, role)
            yield _allowed(f"  grants of {role}", needed, held)
            if who == "dbt":
                yield _only_reads(role, f"{setting(env, 'SNOWFLAKE_DATABASE')}.RAW", held)
            else:
                yield _computes(connection, env)
    except Error as error:
        refusal = explain(str(error), role_setting)
        yield Row(BAD, what, refusal.sentence if refusal else f"Snowflake says: {error.raw_msg or error.msg}")


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


def _allowed(what: str, needed: "Grants", held: "Grants") -> Row:
    lacking = sorted(f"{p} on {on}" for p, on in needed if not {(p, on), ("OWNERSHIP", on)} & held)
    if lacking:
        return Row(BAD, what, f"{', '.join(lacking)} missing. {GRANTS}; it adds what is missing.")
    return Row(GOOD, what, "all that it needs")


def _only_reads(role: str, raw: str, held: "Grants") -> Row:
    where = (f"SCHEMA {raw}", f"TABLE {raw}.", f"FUTURE TABLE {raw}")
    excess = sorted(f"{p} on {on}" for p, on in held if p in WRITING and on.startswith(where))
    if excess:
        advice = f"{role} may write to RAW, which only the loader should: revoke {excess[0]} from it."
        return Row(BAD, f"  RAW for {role}", advice)
    return Row(GOOD, f"  RAW for {role}", "may be read and not be written")


def _computes(connection: "SnowflakeConnection", env: Mapping[str, str]) -> Row:
    from snowflake.connector.errors import Error  # noqa: PLC0415 - slow to import

    warehouse = setting(env, "SNOWFLAKE_WAREHOUSE")
    try:
        list(rows(connection, "select count(*) as schemas from information_schema.schemata"))
    except Error as error:
        refusal = explain(str(error))
        text = refusal.sentence if refusal else f"{error.msg} Check SNOWFLAKE_WAREHOUSE."
        return Row(BAD, f"  warehouse {warehouse}", text)
    return Row(GOOD, f"  warehouse {warehouse}", "computes")
