"""From a stream's JSON schema to the names and types of a DuckDB table."""

from __future__ import annotations

import re
from typing import Any

import humps

TYPES = {  # from the widest to the narrowest: a property that allows several gets the first
    "object": "JSON",
    "array": "JSON",
    "string": "VARCHAR",
    "number": "DOUBLE",
    "integer": "BIGINT",
    "boolean": "BOOLEAN",
}
FORMATS = {  # of a string; `time` is left as text, since DuckDB's TIME would drop its offset
    "date-time": "TIMESTAMPTZ",
    "date": "DATE",
    "singer.decimal": "DECIMAL(38,9)",
    "x-singer.decimal": "DECIMAL(38,9)",
}


def column_name(name: str) -> str:
    """Snake-case a property name as target-snowflake does with `normalise_casing` (`sumNet` -> `sum_net`).

    A run of capitals counts as lower case there: `taxID` becomes `taxid`, not `tax_id`. By way of
    Snowflake's upper case `ß` becomes `ss`.
    """
    without_runs = re.sub(r"[A-Z]{2,}", lambda run: run.group().lower(), name)
    return str(humps.dekebabize(humps.decamelize(without_runs))).upper().lower()


def table_name(stream: str) -> str:
    """Name a stream's table as the SDK's SQL targets do: what follows the last dash, in lower case."""
    last = stream.rsplit("-", maxsplit=1)[-1].lower()
    name = re.sub(r"[. ]", "_", re.sub(r"[^a-z0-9_.\s]", "", last).strip())
    return "abcdefghij"[int(name[0])] + name[1:] if name[:1].isdigit() else name


def column_type(schema: dict[str, Any]) -> str:
    """DuckDB type for every value that a property's JSON schema allows; VARCHAR if it says nothing."""
    options = [o for o in (schema, *schema.get("anyOf", ()), *schema.get("oneOf", ())) if "type" in o]
    types = {t for o in options for t in ([o["type"]] if isinstance(o["type"], str) else o["type"])}
    formats = {o.get("format") for o in options if "string" in o["type"]}
    if types - {"null"} == {"string"} and len(formats) == 1:
        return FORMATS.get(formats.pop(), "VARCHAR")
    return next((TYPES[t] for t in TYPES if t in types), "VARCHAR")


def quoted(name: str) -> str:
    """Write a name so that DuckDB takes it literally, reserved words and quotes included."""
    return '"' + name.replace('"', '""') + '"'
