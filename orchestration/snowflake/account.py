"""Signing in to the Snowflake account of the settings, as loader and dbt do; what is wrong with a key."""

import base64
import binascii
import logging
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection

KEY, PASSPHRASE, PASSWORD = "SNOWFLAKE_PRIVATE_KEY", "SNOWFLAKE_PRIVATE_KEY_PASSPHRASE", "SNOWFLAKE_PASSWORD"
DBT_USER = "SNOWFLAKE_DBT_USER"
HOW = "Make the line with: grep -v -- ----- rsa_key.p8 | tr -d '\\n'"
CUT_OFF = (
    f"Meltano cannot keep bookmarks in Snowflake with the key in {KEY}: it cuts off the last byte of one "
    "key in 43. Make a new key pair (snowflake/README.md)."
)
PATIENCE_SECONDS = 30
DEFAULTS = {"SNOWFLAKE_ROLE": "LOADER", "SNOWFLAKE_DBT_ROLE": "TRANSFORMER"}  # others: SEVDESK


def setting(env: Mapping[str, str], name: str) -> str:
    """Return the name of a role, warehouse or database, in capitals, as Snowflake keeps it."""
    return (env.get(name, "").strip() or DEFAULTS.get(name, "SEVDESK")).upper()


def connect(env: Mapping[str, str], role: str, database: str | None) -> "SnowflakeConnection":
    """Sign in with the key or the password in `env`. Raises snowflake.connector.errors.Error."""
    import snowflake.connector  # noqa: PLC0415 - slow to import

    logging.getLogger("snowflake.connector").setLevel(logging.CRITICAL)  # it is all in the exception
    key = env.get(KEY, "").strip()
    return snowflake.connector.connect(
        account=env["SNOWFLAKE_ACCOUNT"],
        user=env["SNOWFLAKE_USER"],
        role=role,
        warehouse=setting(env, "SNOWFLAKE_WAREHOUSE"),
        database=database,
        login_timeout=PATIENCE_SECONDS,
        **({"private_key": _loaded(env)} if key else {"password": env.get(PASSWORD, "")}),
    )


def rows(connection: "SnowflakeConnection", statement: str) -> Iterator[dict[str, Any]]:
    """Run `statement`; yield the rows of its result, with column names in lower case."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        names = [column.name.lower() for column in cursor.description]
        for row in cursor:
            yield dict(zip(names, row, strict=True))


def as_dbt(env: Mapping[str, str]) -> Mapping[str, str]:
    """Return `env` with the sign-in of dbt's own user as the sign-in, if it has one (SNOWFLAKE_DBT_USER)."""
    if not env.get(DBT_USER, "").strip():
        return env
    sign_in = ("SNOWFLAKE_USER", KEY, PASSPHRASE, PASSWORD)
    return {**env, **{name: env.get(named_for_dbt(name), "") for name in sign_in}}


def named_for_dbt(text: str) -> str:
    """Return `text` with the settings of the sign-in called as those of dbt's own user are."""
    return re.sub(r"SNOWFLAKE_(?=USER|PRIVATE_KEY|PASSWORD)", "SNOWFLAKE_DBT_", text)


def problems(env: Mapping[str, str]) -> list[str]:
    """Return what is wrong with the sign-ins in `env`, a sentence each; nothing is sent."""
    own = _problem(env) or ("" if meltano_can_use_key(env) else CUT_OFF)
    of_dbt = named_for_dbt(_problem(as_dbt(env))) if as_dbt(env) is not env else ""
    return [sentence for sentence in (own, of_dbt) if sentence]


def _problem(env: Mapping[str, str]) -> str:
    """Return what is wrong with key, passphrase and password in `env`; empty if nothing is.

    The loader wants exactly one way to sign in; dbt and Meltano's bookmarks want the key without its frame.
    """
    key = env.get(KEY, "").strip()
    if not key:
        return ""
    if env.get(PASSWORD, "").strip():
        return f"{KEY} and {PASSWORD} are both set, and only one can be used. Leave one out."
    if "-----" in key:
        return f"{KEY} has its first and last line, which must go. {HOW}."
    return _unreadable(env) if _content(env) else f"{KEY} is not a key in one line. {HOW}."


def _unreadable(env: Mapping[str, str]) -> str:
    try:
        _loaded(env)
    except TypeError:  # one of the two is encrypted without the other
        if env.get(PASSPHRASE):
            return f"The key in {KEY} is not encrypted, and {PASSPHRASE} is set. Leave that out."
        return f"The key in {KEY} is encrypted, and {PASSPHRASE} is missing. Set it in .env."
    except ValueError as error:
        # OpenSSL says only "incorrect password" for sure; a cut-off key looks like anything
        if "password" in str(error).lower():
            return f"{PASSPHRASE} is not the passphrase of the key in {KEY}. Set it right in .env."
        return f"{KEY} is not a whole private key (PKCS#8). {HOW}."
    return ""


def meltano_can_use_key(env: Mapping[str, str]) -> bool:
    """Whether bookmarks are kept elsewhere than in Snowflake, or Meltano can sign in there with the key.

    meltano-state-backend-snowflake 0.2.7 strips the bytes of the key, and one of 43 keys ends in a byte that
    looks like a space.
    """
    in_snowflake = env.get("MELTANO_STATE_BACKEND_URI", "").startswith("snowflake:")
    return not (in_snowflake and _content(env)[-1:].isspace())


def _content(env: Mapping[str, str]) -> bytes:
    """Return the bytes of the key, which is one line; none if it is no such line."""
    try:
        return base64.b64decode("".join(env.get(KEY, "").split()), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _loaded(env: Mapping[str, str]) -> Any:  # noqa: ANN401 - a private key
    from cryptography.hazmat.primitives.serialization import load_der_private_key  # noqa: PLC0415 - slow

    return load_der_private_key(_content(env), env.get(PASSPHRASE, "").encode() or None)
