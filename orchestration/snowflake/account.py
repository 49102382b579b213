"""A connection to the Snowflake account of the settings, as the loader and dbt make theirs."""

import base64
import logging
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from orchestration.snowflake.key import KEY, PASSPHRASE, PASSWORD

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

PATIENCE_SECONDS = 30
DEFAULTS = {"SNOWFLAKE_ROLE": "LOADER", "SNOWFLAKE_DBT_ROLE": "TRANSFORMER"}  # others: SEVDESK


def setting(env: Mapping[str, str], name: str) -> str:
    """Return the name of a role, warehouse or database, in capitals, as Snowflake keeps it."""
    return (env.get(name, "").strip() or DEFAULTS.get(name, "SEVDESK")).upper()


def connect(env: Mapping[str, str], role: str, database: str | None) -> "SnowflakeConnection":
    """Sign in with the key or the password in `env`. Raises snowflake.connector.errors.Error."""
    import snowflake.connector  # noqa: PLC0415 - slow to import

    logging.getLogger("snowflake.connector").setLevel(logging.CRITICAL)  # it is all in the exception
    given: dict[str, Any] = {"password": env.get(PASSWORD, "")}
    if env.get(KEY, "").strip():
        given = {"private_key": _unlocked(env[KEY], env.get(PASSPHRASE, ""))}
    if database:
        given["database"] = database
    return snowflake.connector.connect(
        account=env["SNOWFLAKE_ACCOUNT"],
        user=env["SNOWFLAKE_USER"],
        role=role,
        warehouse=setting(env, "SNOWFLAKE_WAREHOUSE"),
        login_timeout=PATIENCE_SECONDS,
        **given,
    )


def _unlocked(key: str, passphrase: str) -> bytes:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - slow to import

    loaded = serialization.load_der_private_key(base64.b64decode(key), passphrase.encode() or None)
    return loaded.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def rows(connection: "SnowflakeConnection", statement: str) -> Iterator[dict[str, Any]]:
    """Run `statement`; yield the rows of its result, with column names in lower case."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        names = [column.name.lower() for column in cursor.description]
        for row in cursor:
            yield dict(zip(names, row, strict=True))
