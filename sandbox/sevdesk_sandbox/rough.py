"""Records as rough as JSON allows: other types, another order of fields, more of them, from row to row."""

from __future__ import annotations

import html
from random import Random
from typing import Any
from zlib import crc32

from sevdesk_sandbox.records import REFERENCES, Record

_FLAGS = frozenset(
    ["showNet", "smallSettlement", "main", "exemptVat", "hidden", "isPercentage", "temporary", "net"]
)
_KEPT = frozenset(["id", "objectName", "create", "update", "invoiceType", "bookingCategory"])


def roughen(record: Record, salt: str) -> Record:
    """Write a record in other types, as a function of the salt; what it means stays the same."""
    rng = Random(crc32(salt.encode()))  # noqa: S311 - invented records
    numbers, embeds, empties = (rng.random() < chance for chance in (0.5, 0.3, 0.4))
    rough: Record = {}
    for name, value in record.items():
        if value is None and name in REFERENCES:
            if empties:
                rough[name] = ""
        elif name in _KEPT:
            rough[name] = value
        elif isinstance(value, dict) and embeds:
            rough[name] = {**value, "create": record.get("create"), "name": "Muster & Söhne"}
        else:
            rough[name] = _value(name, value, numbers=numbers)
    for count in range(rng.randint(1, 4)):
        rough[f"customField{count}"] = rng.choice(
            (None, "x" * rng.randint(0, 60), 17.25, True, {"a": [1, "b"]})
        )
    names = list(rough)
    rng.shuffle(names)
    return {name: rough[name] for name in names}


def _value(name: str, value: Any, *, numbers: bool) -> Any:  # noqa: ANN401 - any JSON value
    if not isinstance(value, str):
        return value
    if name in _FLAGS and value in {"0", "1"}:
        return value == "1"
    if numbers and name.startswith(("sum", "price", "status", "timeToPay", "taxRate")):
        return _as_number(value)
    return html.escape(value) if name in {"header", "headText", "text"} else value


def _as_number(value: str) -> Any:  # noqa: ANN401 - a number, or the text as it was
    try:
        return int(value) if value.lstrip("-").isdigit() else float(value)
    except ValueError:
        return value
