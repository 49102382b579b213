"""The straight way from a row to its message, for a stream that leaves as it comes.

The SDK's way, and that of `Conformer`, looks at each field of each row. But most rows have nothing to
convert: texts, references and nulls, all known to the schema. Such a row is decoded into a type made of the
schema, which checks all that in one go, and encoded again at once, before the next one is looked at, so that
all of it happens in the processor's cache; only its two times are touched. Any other row goes the other way.
A field that is sent as something else than text (sevDesk has numbers among its texts) is learned from the
first such row and converted by itself in those that follow.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET, UnsetType
from singer_sdk.mapper import SameRecordTransform

from tap_sevdesk.bookmark import read_time
from tap_sevdesk.records import Conformer, as_text, kind_of
from tap_sevdesk.rows import Row, id_in, with_fields

if TYPE_CHECKING:
    from tap_sevdesk.stream import SevDeskStream

TOGETHER = 64
"""Messages that are written at once."""


_encode = msgspec.json.Encoder().encode


def goes_straight(stream: "SevDeskStream") -> bool:
    """Tell whether records leave as they come: all fields, no stream map, nothing flattened, no trial run."""
    first, *copies = stream.stream_maps
    return (
        type(first) is SameRecordTransform
        and not first.flattening_enabled
        and not copies
        and all(stream.mask.values())
        and stream.ABORT_AT_RECORD_COUNT is None
    )


class Straight:
    """Makes rows and RECORD messages of one stream; what cannot go straight, `conform` has to convert.

    The content of a row is its record as JSON, or a dictionary of its fields if it goes the other way.
    """

    def __init__(self, stream: str, parent_field: str, conform: Conformer) -> None:
        self._stream = stream
        self._parent_field = parent_field
        self._conform = conform
        self._kinds = {name: kind_of(schema) for name, schema in conform.properties.items()}
        self._times = [name for name, kind in self._kinds.items() if kind == "time"]
        self._odd: frozenset[str] = frozenset()
        self._decode = _decoder(conform.properties, self._odd)

    def take_apart(self, sent: Sequence[msgspec.Raw]) -> list[Row]:
        """Make rows of what was sent. Raises a `DecodeError` unless these are objects with ids."""
        return [self._row(row) for row in sent]

    def _row(self, sent: msgspec.Raw) -> Row:
        try:
            record = self._decode(sent)
        except msgspec.ValidationError:
            row = with_fields(sent, self._parent_field)
            self._learn(row.content)
            return row
        if not record.id:
            msg = "a row without an id"
            raise msgspec.ValidationError(msg)
        parent = getattr(record, self._parent_field, None) if self._parent_field else None
        update = None
        for name in self._times:
            value = getattr(record, name)
            if value.__class__ is str:
                moment = read_time(value)
                setattr(record, name, moment and moment[1])
                if name == "update" and moment:
                    update = moment[0]
        for name in self._odd:
            value = getattr(record, name)
            if value.__class__ is not str and value is not UNSET:
                setattr(record, name, as_text(value))
        return Row(record.id, update, id_in(parent) if parent else None, _encode(record))

    def _learn(self, fields: Mapping[str, Any]) -> None:
        """Find the fields that are sent as numbers or flags, and the order in which fields are sent."""
        odd = {
            name
            for name, value in fields.items()
            if self._kinds.get(name) == "text" and not (value is None or value.__class__ is str)
        }
        if odd - self._odd:
            known = self._conform.properties
            in_order = {name: known[name] for name in [*fields, *known] if name in known}
            self._odd |= odd
            self._decode = _decoder(in_order, self._odd)

    def messages(self, rows: Sequence[Row], now: datetime) -> Iterator[bytes]:
        """Yield the messages of rows, a line each, some at a time."""
        before = b'{"type":"RECORD","stream":%b,"record":' % _encode(self._stream)
        after = b',"time_extracted":%b}\n' % _encode(now)
        for start in range(0, len(rows), TOGETHER):
            records = [
                row.content if row.content.__class__ is bytes else _encode(self._conform(row.content))
                for row in rows[start : start + TOGETHER]
            ]
            yield before + (after + before).join(records) + after


def _decoder(properties: Mapping[str, Any], odd: frozenset[str]) -> Callable[[msgspec.Raw], Any]:
    """Return what decodes a row in which nothing is to be converted but times and odd fields.

    It is faster, by a third, when the properties are in the order in which they are sent.
    """
    fields: list[Any] = [("id", str)]
    for name, schema in properties.items():
        if name != "id":
            fields.append((name, Any if name in odd else _type_of(schema), UNSET))
    record = msgspec.defstruct("Record", fields, forbid_unknown_fields=True, gc=False)
    return msgspec.json.Decoder(record, float_hook=str).decode


def _type_of(schema: Mapping[str, Any]) -> Any:  # noqa: ANN401
    kind = kind_of(schema)
    if kind == "reference":
        parts = [(part, str | None | UnsetType, UNSET) for part in schema["properties"]]
        reference = msgspec.defstruct("Reference", parts, forbid_unknown_fields=True, gc=False)
        return reference | None | UnsetType
    return (list[str | None] if kind == "list" else str) | None | UnsetType
