"""Make a record of what sevDesk sent: exact text for scalars, objects for references, UTC for two fields.

Rows come decoded with decimal numbers left as the text they were sent as, so nothing is ever a float.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Literal

from tap_sevdesk.bookmark import read_time

Convert = Callable[[Any], Any]


def as_text(value: Any) -> str | None:  # noqa: ANN401
    """Return a value as text: strings as they are, numbers exactly, flags as 1 and 0, else its JSON."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, (str, int)):
        return str(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def as_utc(value: Any) -> str | None:  # noqa: ANN401
    """Return a time in UTC; `None` for what is no time: the schema promises one, and loaders believe it."""
    moment = read_time(value)
    return None if moment is None else moment[1]


def _array(value: Any) -> list[str | None] | None:  # noqa: ANN401
    if value is None:
        return None
    return [as_text(item) for item in (value if isinstance(value, list) else [value])]


def kind_of(schema: Mapping[str, Any]) -> Literal["reference", "list", "time", "text"]:
    """Return what becomes of a field with this JSON Schema."""
    types = schema.get("type", ())
    if "object" in types and "properties" in schema:
        return "reference"
    if "array" in types:
        return "list"
    return "time" if schema.get("format") == "date-time" else "text"


class Conformer:
    """Turns the rows of one stream into records, and keeps account of what the schema does not know.

    `schema` is what the catalog promises, `selected` answers for a breadcrumb of the catalog. Fields that are
    known but not selected are left out; fields that are not known are left out and counted in `unknown`.
    """

    def __init__(self, schema: Mapping[str, Any], selected: Callable[[tuple[str, ...]], bool]) -> None:
        self.unknown: Counter[str] = Counter()
        self.properties: Mapping[str, Any] = schema["properties"]
        self._selected = selected
        self._converters: dict[str, Convert | None] = {
            name: self._converter(name, part) if selected(("properties", name)) else None
            for name, part in self.properties.items()
        }

    def __call__(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Return the record of a row's fields, which stay as they are."""
        record = {}
        converters = self._converters
        for name, value in fields.items():
            try:
                convert = converters[name]
            except KeyError:
                self.unknown[name] += 1
                continue
            if convert is as_text and (value is None or value.__class__ is str):  # nine fields of ten
                record[name] = value
            elif convert is not None:
                record[name] = convert(value)
        return record

    def _converter(self, name: str, schema: Mapping[str, Any]) -> Convert:
        kind = kind_of(schema)
        if kind == "reference":
            return self._reference(name, schema["properties"])
        return {"list": _array, "time": as_utc, "text": as_text}[kind]

    def _reference(self, name: str, parts: Mapping[str, Any]) -> Convert:
        wanted = [part for part in parts if self._selected(("properties", name, "properties", part))]
        usual = parts.keys() if len(wanted) == len(parts) else None

        def convert(value: Any) -> dict[str, Any] | None:  # noqa: ANN401
            if isinstance(value, dict):
                if value.keys() == usual and all(part.__class__ is str for part in value.values()):
                    return value  # the usual case, nothing to convert
                self.unknown.update(f"{name}.{part}" for part in value if part not in parts)
                return {part: as_text(value[part]) for part in wanted if part in value}
            if value in (None, "", []):  # how PHP says "nothing"
                return None
            return {"id": as_text(value)} if "id" in wanted else {}

        return convert
