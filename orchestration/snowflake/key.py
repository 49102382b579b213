"""The sign-in to Snowflake: whose it is, and its private key, checked before anything is sent."""

import base64
import binascii
import re
from collections.abc import Mapping

KEY, PASSPHRASE, PASSWORD = "SNOWFLAKE_PRIVATE_KEY", "SNOWFLAKE_PRIVATE_KEY_PASSPHRASE", "SNOWFLAKE_PASSWORD"
DBT_USER = "SNOWFLAKE_DBT_USER"
HOW = "Make the line with: grep -v -- ----- rsa_key.p8 | tr -d '\\n'"


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
    """Return what is wrong with key, passphrase and password in `env`, a sentence each; nothing is sent.

    The loader wants exactly one way to sign in; dbt and Meltano's bookmarks want the key without its frame.
    """
    key, passphrase = env.get(KEY, "").strip(), env.get(PASSPHRASE, "")
    if not key:
        return []
    if env.get(PASSWORD, "").strip():
        return [f"{KEY} and {PASSWORD} are both set, and only one can be used. Leave one out."]
    if "-----" in key:
        return [f"{KEY} has its first and last line, which must go. {HOW}."]
    content = _content(key)
    return _unreadable(content, passphrase) if content else [f"{KEY} is not a key in one line. {HOW}."]


def cut_off_by_meltano(env: Mapping[str, str]) -> list[str]:
    """Return that the key is one which Meltano's bookmarks in Snowflake cannot use, if they are kept there.

    meltano-state-backend-snowflake 0.2.7 strips the bytes of the key, and one of 43 keys ends in a byte that
    looks like a space.
    """
    in_snowflake = env.get("MELTANO_STATE_BACKEND_URI", "").startswith("snowflake:")
    if not in_snowflake or not _content(env.get(KEY, ""))[-1:].isspace():
        return []
    problem = (
        f"Meltano cannot keep bookmarks in Snowflake with the key in {KEY}: it cuts off the last byte of one "
        "key in 43. Make a new key pair (snowflake/README.md)."
    )
    return [problem]


def _content(key: str) -> bytes:
    """Return the bytes of a key in one line; none if it is no such line."""
    try:
        return base64.b64decode("".join(key.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _unreadable(content: bytes, passphrase: str) -> list[str]:
    from cryptography.hazmat.primitives.serialization import load_der_private_key  # noqa: PLC0415 - slow

    try:
        load_der_private_key(content, passphrase.encode() or None)
    except TypeError:  # one of the two is encrypted without the other
        if passphrase:
            return [f"The key in {KEY} is not encrypted, and {PASSPHRASE} is set. Leave that out."]
        return [f"The key in {KEY} is encrypted, and {PASSPHRASE} is missing. Set it in .env."]
    except ValueError as error:
        # OpenSSL says only "incorrect password" for sure; a cut-off key looks like anything
        if "password" in str(error).lower():
            return [f"{PASSPHRASE} is not the passphrase of the key in {KEY}. Set it right in .env."]
        return [f"{KEY} is not a whole private key (PKCS#8). {HOW}."]
    return []
