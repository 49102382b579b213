"""From a stream's JSON schema to names and types of a DuckDB table."""

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
FORMATS = {
    "date-time": "TIMESTAMPTZ",
    "date": "DATE",
    "time": "TIME",
    "singer.decimal": "DECIMAL(38,9)",
    "x-singer.decimal": "DECIMAL(38,9)",
}


def column_name(name: str) -> str:
    """Snake-case a property name as target-snowflake does with `normalise_casing` (`sumNet` -> `sum_net`).

    That target lower-cases every run of capitals first, so `taxID` becomes `taxid`, not `tax_id`.
    """
    short_runs = re.sub(r"[A-Z]{2,}", lambda run: run.group().lower(), name)
    return str(humps.dekebabize(humps.decamelize(short_runs))).lower()


def table_name(stream: str) -> str:
    """Table of a stream, as SDK targets call it: the part after the last dash, lower case, no odd signs."""
    letters = re.sub(r"[^a-z0-9_.\s]", "", stream.split("-")[-1].lower()).strip()
    name = re.sub(r"[. ]", "_", letters)
    return "abcdefghij"[int(name[0])] + name[1:] if name[:1].isdigit() else name


def column_type(schema: dict[str, Any]) -> str:
    """DuckDB type that holds every value the JSON schema of a property allows; VARCHAR if it says nothing."""
    options = [o for o in (schema, *schema.get("anyOf", ()), *schema.get("oneOf", ())) if "type" in o]
    types = {t for o in options for t in ([o["type"]] if isinstance(o["type"], str) else o["type"])}
    formats = {o.get("format") for o in options if "string" in o["type"]}
    if types - {"null"} == {"string"} and len(formats) == 1:
        return FORMATS.get(formats.pop(), "VARCHAR")
    return next((TYPES[t] for t in TYPES if t in types), "VARCHAR")


def quoted(name: str) -> str:
    """Write a name so that DuckDB takes it literally, reserved words and quotes included."""
    return '"' + name.replace('"', '""') + '"'
