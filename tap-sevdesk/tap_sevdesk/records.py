"""Make a record of what sevDesk sent: exact text for scalars, objects for references, UTC for two fields.

What the schema does not name goes into `additional_fields` as it was sent. Rows come decoded with decimal
numbers left as the text they were sent as, so nothing is ever a float.
"""

import functools
import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Literal

from tap_sevdesk.bookmark import read_time
from tap_sevdesk.rows import Number
from tap_sevdesk.typed import as_date, as_flag, as_moment, as_number

ADDITIONAL = "additional_fields"
"""The property that holds what the schema does not name."""

_CONFIDENTIAL = re.compile(
    r"pin|bic|.*iban.*|bankaccount|bankaccountnumber|banknumber|payeepayeracctno|payeepayerbankcode"
    r"|(sepa)?mandatereference|sepacreditorid",
    re.IGNORECASE,
)

_END_OF_NAME = rb"(?:[^\"\\]|\\.)*\"\s*:"
_CONFIDENTIAL_END = re.compile(  # of a name in lower-case JSON
    rb"(?:pin|bic|bankaccount|bankaccountnumber|banknumber|acctno|bankcode|mandatereference|sepacreditorid)\"\s*:"
    rb"|iban" + _END_OF_NAME,
    re.DOTALL,
)
_ESCAPED_NAME = re.compile(rb"\\u" + _END_OF_NAME, re.DOTALL)

Kind = Literal["reference", "list", "time", "text", "number", "date", "moment", "flag"]
TIMES = ("create", "update")
"""The properties that are times whatever the settings are."""


@functools.lru_cache(maxsize=1 << 12)
def confidential(name: str) -> bool:
    """Tell whether a field must not appear in `additional_fields`: the PIN of an account, bank data.

    Bank data that the schema names has properties of its own, which a user has to select.
    """
    return _CONFIDENTIAL.fullmatch(name) is not None


def may_hold_confidential(content: bytes) -> bool:
    """Tell, rather too often than too seldom, whether JSON holds a field that `confidential` is true of.

    A search for fixed bytes comes first: it is ten times as fast as the pattern, and enough for most rows.
    """
    lower = content.lower()
    hinted = (
        b'pin"' in lower
        or b'bic"' in lower
        or b"iban" in lower
        or b"bank" in lower
        or b"acctno" in lower
        or b"mandate" in lower
        or b"sepa" in lower
    )
    return (hinted and _CONFIDENTIAL_END.search(lower) is not None) or (
        b"\\u" in lower and _ESCAPED_NAME.search(lower) is not None
    )


def as_text(value: Any) -> str | None:  # noqa: ANN401
    """Return a value as text: strings as they are, numbers exactly, flags as 1 and 0, else its JSON."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, (str, int)):
        return str(value)
    return json.dumps(_without_confidential(value), ensure_ascii=False, separators=(",", ":"))


def as_utc(value: Any) -> str | None:  # noqa: ANN401
    """Return a time in UTC; `None` for what is no time: the schema promises one, and loaders believe it."""
    moment = read_time(value)
    return None if moment is None else moment[1]


def as_sent(value: Any) -> Any:  # noqa: ANN401
    """Return a value as it was sent, numbers exact, without what is confidential in it."""
    if isinstance(value, Number):
        return Decimal(value)
    if isinstance(value, dict):
        return {name: as_sent(part) for name, part in value.items() if not confidential(name)}
    if isinstance(value, list):
        return [as_sent(part) for part in value]
    return value


def _without_confidential(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, dict):
        return {name: _without_confidential(part) for name, part in value.items() if not confidential(name)}
    if isinstance(value, list):
        return [_without_confidential(part) for part in value]
    return value


def as_list(value: Any) -> list[str | None] | None:  # noqa: ANN401
    """Return a list of texts; a single value becomes a list of one."""
    if value is None:
        return None
    return [as_text(item) for item in (value if isinstance(value, list) else [value])]


def kind_of(name: str, schema: Mapping[str, Any]) -> Kind:
    """Return what becomes of a field of this name with this JSON Schema."""
    types = schema.get("type", ())
    if "object" in types and "properties" in schema:
        return "reference"
    if "array" in types:
        return "list"
    if schema.get("format") == "date-time":
        return "time" if name in TIMES else "moment"
    if schema.get("format") == "date":
        return "date"
    return "number" if "number" in types else "flag" if "boolean" in types else "text"


CONVERT: Mapping[Kind, Callable[[Any], Any]] = {"list": as_list, "text": as_text}
"""How values become what the schema promises and stay whole; references need to know their parts."""
TYPED: Mapping[Kind, Callable[[Any], tuple[Any, bool]]] = {
    "number": as_number,
    "date": as_date,
    "moment": as_moment,
    "flag": as_flag,
}
"""The same for the setting `typed`, and whether what the schema promises is all of the value."""


def bare_reference(value: Any) -> dict[str, Any] | None:  # noqa: ANN401
    """Return a reference for what was sent in place of one; PHP says "nothing" in three ways."""
    return None if value in (None, "", []) else {"id": as_text(value)}


class Conformer:
    """Turns the rows of one stream into records, and remembers the fields that the schema does not name.

    `schema` is what the catalog promises, `selected` answers for a breadcrumb of the catalog. A field that is
    named but not selected is left out; one that is not named is noted in `unknown` and goes into
    `additional_fields`, if that is in the schema and selected.
    """

    def __init__(self, schema: Mapping[str, Any], selected: Callable[[tuple[str, ...]], bool]) -> None:
        self.unknown: set[str] = set()
        properties = schema["properties"]
        self.keeps_additional = ADDITIONAL in properties and selected(("properties", ADDITIONAL))
        self.kinds: dict[str, Kind] = {
            name: kind_of(name, part) for name, part in properties.items() if name != ADDITIONAL
        }
        self.selected = {name: selected(("properties", name)) for name in self.kinds}
        self.parts: dict[str, dict[str, bool]] = {
            name: {
                part: selected(("properties", name, "properties", part))
                for part in properties[name]["properties"]
            }
            for name, kind in self.kinds.items()
            if kind == "reference"
        }
        """The parts of each reference, and whether they are selected."""

    def __call__(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Return the record of a row's fields, which stay as they are."""
        record: dict[str, Any] = {}
        additional: dict[str, Any] = {}
        kinds, selected = self.kinds, self.selected
        for name, value in fields.items():
            kind = kinds.get(name)
            if kind == "text" and (value is None or value.__class__ is str):  # nine fields of ten
                if selected[name]:
                    record[name] = value
            elif kind is None:
                if not confidential(name):
                    self.unknown.add(name)
                    additional[name] = as_sent(value)
            elif selected[name]:
                record[name], rest = self.convert(name, value)
                if rest is not None:
                    additional[name] = as_sent(rest)
        if self.keeps_additional:
            record[ADDITIONAL] = additional or None
        return record

    def convert(self, name: str, value: Any) -> tuple[Any, Any]:  # noqa: ANN401
        """Return what a property holds for a value, and the value once more if that is not all of it.

        It cannot hold a time that is none, nor an object embedded in place of a reference.
        """
        kind = self.kinds[name]
        if kind in TYPED:
            held, whole = (None, True) if value is None else TYPED[kind](value)
            return held, None if whole else value
        if kind == "time":
            held = as_utc(value)
            return held, value if held is None else None
        if kind != "reference":
            return CONVERT[kind](value), None
        parts = self.parts[name]
        if isinstance(value, dict):
            held = {part: as_text(content) for part, content in value.items() if parts.get(part)}
            strange = [part for part in value if part not in parts and not confidential(part)]
            self.unknown.update(f"{name}.{part}" for part in strange)
            wanted = {part: content for part, content in value.items() if parts.get(part, True)}
            return held, wanted if strange else None
        held = bare_reference(value)
        return held if parts.get("id") or not held else {}, None
