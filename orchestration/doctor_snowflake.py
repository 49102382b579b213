"""Whether Snowflake lets the pipeline in and allows it what it needs, and no more than that.

Looks only: two sign-ins, SHOW GRANTS, and one query that wakes the warehouse for its minute.
"""

import base64
import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any

from orchestration.check import BAD, GOOD, Row
from orchestration.snowflake_errors import GRANTS, explain
from orchestration.snowflake_key import KEY, PASSPHRASE, PASSWORD

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

    Grants = set[tuple[str, str]]

PATIENCE_SECONDS = 30
WRITING = {"INSERT", "UPDATE", "DELETE", "TRUNCATE", "OWNERSHIP", "CREATE TABLE", "CREATE VIEW"}


def examine(env: Mapping[str, str]) -> Iterator[Row]:
    """Yield the lines for the loader's and dbt's sign-in and grants, and for the warehouse."""
    logging.getLogger("snowflake.connector").setLevel(logging.CRITICAL)  # it is all in the exception
    database = _setting(env, "SNOWFLAKE_DATABASE")
    yield from _role(env, "SNOWFLAKE_ROLE", "loader", needed_by_loader(env, database))
    yield from _role(env, "SNOWFLAKE_DBT_ROLE", "dbt", needed_by_dbt(env, database))


def _setting(env: Mapping[str, str], name: str) -> str:
    default = {"SNOWFLAKE_DBT_ROLE": "TRANSFORMER", "SNOWFLAKE_ROLE": "LOADER"}.get(name, "SEVDESK")
    return (env.get(name, "").strip() or default).upper()


def needed_by_loader(env: Mapping[str, str], database: str) -> "Grants":
    """Return privilege and object of all that loading and bookmarks need."""
    raw = f"SCHEMA {database}.RAW"
    return {
        ("USAGE", f"WAREHOUSE {_setting(env, 'SNOWFLAKE_WAREHOUSE')}"),
        ("USAGE", f"DATABASE {database}"),
        *((privilege, raw) for privilege in ("USAGE", "CREATE TABLE", "CREATE FILE FORMAT")),
    }


def needed_by_dbt(env: Mapping[str, str], database: str) -> "Grants":
    """Return privilege and object of all that dbt needs."""
    built = [f"SCHEMA {database}.{schema}" for schema in ("STAGING", "ANALYTICS")]
    return {
        ("USAGE", f"WAREHOUSE {_setting(env, 'SNOWFLAKE_WAREHOUSE')}"),
        ("USAGE", f"DATABASE {database}"),
        ("USAGE", f"SCHEMA {database}.RAW"),
        ("SELECT", f"FUTURE TABLE {database}.RAW"),
        *((privilege, on) for on in built for privilege in ("USAGE", "CREATE TABLE", "CREATE VIEW")),
    }


def _role(env: Mapping[str, str], setting: str, who: str, needed: "Grants") -> Iterable[Row]:
    from snowflake.connector.errors import Error  # noqa: PLC0415 - slow to import

    role = _setting(env, setting)
    what = f"Snowflake {who}"
    try:
        with closing(_connect(env, role)) as connection:
            yield Row(GOOD, what, f"{env['SNOWFLAKE_USER']} signs in as {role}")
            held = _held(connection, role)
            yield _allowed(f"  grants of {role}", needed, held)
            if who == "dbt":
                yield _only_reads(role, f"{_setting(env, 'SNOWFLAKE_DATABASE')}.RAW", held)
            else:
                yield _computes(connection, env)
    except Error as error:
        refusal = explain(str(error), setting)
        yield Row(BAD, what, refusal.sentence if refusal else f"Snowflake says: {error.raw_msg or error.msg}")


def _connect(env: Mapping[str, str], role: str) -> "SnowflakeConnection":
    import snowflake.connector  # noqa: PLC0415 - slow to import

    given: dict[str, Any] = {"password": env.get(PASSWORD, "")}
    if env.get(KEY, "").strip():
        given = {"private_key": _unlocked(env[KEY], env.get(PASSPHRASE, ""))}
    return snowflake.connector.connect(
        account=env["SNOWFLAKE_ACCOUNT"],
        user=env["SNOWFLAKE_USER"],
        role=role,
        warehouse=_setting(env, "SNOWFLAKE_WAREHOUSE"),
        database=_setting(env, "SNOWFLAKE_DATABASE"),
        login_timeout=PATIENCE_SECONDS,
        network_timeout=PATIENCE_SECONDS,
        **given,
    )


def _unlocked(key: str, passphrase: str) -> bytes:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - slow to import

    loaded = serialization.load_der_private_key(base64.b64decode(key), passphrase.encode() or None)
    return loaded.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _held(connection: "SnowflakeConnection", role: str) -> "Grants":
    """Return what `role` was granted, itself or by a role it was given; futures as FUTURE TABLE <schema>."""
    held: Grants = set()
    roles, seen = [role], set()
    while roles:
        seen.add(one := roles.pop())
        for grant in _rows(connection, f'show grants to role "{one}"'):
            held.add((grant["privilege"], f"{grant['granted_on']} {grant['name']}".upper()))
            if grant["granted_on"] == "ROLE" and grant["name"] not in seen:
                roles.append(grant["name"])
        for grant in _rows(connection, f'show future grants to role "{one}"'):
            held.add(
                (grant["privilege"], f"FUTURE {grant['grant_on']} {grant['name'].rpartition('.')[0]}".upper())
            )
    return held


def _rows(connection: "SnowflakeConnection", statement: str) -> Iterator[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        names = [column.name.lower() for column in cursor.description]
        for row in cursor:
            yield dict(zip(names, row, strict=True))


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

    warehouse = _setting(env, "SNOWFLAKE_WAREHOUSE")
    try:
        list(_rows(connection, "select count(*) as schemas from information_schema.schemata"))
    except Error as error:
        refusal = explain(str(error))
        told = refusal.sentence if refusal else f"{error.msg} Check SNOWFLAKE_WAREHOUSE."
        return Row(BAD, f"  warehouse {warehouse}", told)
    return Row(GOOD, f"  warehouse {warehouse}", "computes")
