"""RECORD messages made from rows without the SDK, for a stream without stream maps or flattening.

`Conformer` looks at each field of each row. Here a row is decoded into a type made of the schema, which
checks all fields in one go, in C, and is encoded again at once, while it is in the processor's cache. The
first row with a surprise (see `record_type`) is conformed like any other, and the type learns from it; rows
that follow are fast again. It learns after twice as many surprising rows each time, so that a list in which
each row has another surprise cannot make that the main work.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Raw

from tap_sevdesk.record_type import RecordType, encode, surprises_in
from tap_sevdesk.records import Conformer, confidential
from tap_sevdesk.rows import Row, with_fields

TOGETHER = 64
"""Messages that are written at once."""
MOST_LEARNED = 400
"""Names beyond those of the schema; a list with more of them has data for names."""


class RecordEncoder:
    """Makes rows and RECORD messages of one stream; what is surprising, `conform` converts.

    The content of a row is its record as JSON, or a dictionary of its fields if it still has to be conformed.
    """

    def __init__(self, stream: str, parent_field: str, conform: Conformer) -> None:
        self._stream = stream
        self._parent_field = parent_field
        self._conform = conform
        self._order: list[str] = []
        self._surprises: dict[str, list[str]] = {}
        self._type: RecordType | None = None
        self._slow_rows = 0
        self._learn_at = 1

    def parse_rows(self, sent: Sequence[Raw]) -> list[Row]:
        """Make rows of what was sent. Raises a `DecodeError` unless these are objects with ids."""
        return [self.row(row) for row in sent]

    def row(self, sent: Raw) -> Row:
        """Make a row of what was sent; raises like `parse_rows`."""
        if self._type is None:
            self._note(with_fields(sent, "").content)
            self._type = self._learned()
        try:
            return self._type.row(sent)
        except msgspec.ValidationError:
            row = with_fields(sent, self._parent_field)
        self._slow_rows += 1
        if self._slow_rows <= MOST_LEARNED:
            self._note(row.content)
        if self._slow_rows == self._learn_at:
            self._learn_at *= 2
            self._type = self._learned()
        return row

    def _note(self, fields: Mapping[str, Any]) -> None:
        """Note the surprises of a row, and fields that no row had before."""
        self._order = list(dict.fromkeys([*self._order, *fields]))
        for name, strange in surprises_in(fields, self._conform):
            if len(self._surprises) + len(strange) < MOST_LEARNED or name in self._conform.kinds:
                known = self._surprises.setdefault(name, [])
                known += [part for part in strange if part not in known]

    def _learned(self) -> RecordType:
        """Return a type that all rows fit that are like those noted."""
        for name, strange in self._surprises.items():
            if name in self._conform.kinds:
                others = set(strange) - self._conform.parts.get(name, {}).keys()
                if self._conform.selected[name]:
                    self._conform.unknown |= {f"{name}.{part}" for part in others if not confidential(part)}
            elif not confidential(name):
                self._conform.unknown.add(name)
        order = list(dict.fromkeys([*self._order, *self._conform.kinds]))
        return RecordType(self._conform, self._parent_field, order, self._surprises)

    def records(self, rows: Sequence[Row]) -> list[bytes]:
        """Return the records of rows as JSON."""
        conform = self._conform
        return [
            row.content if row.content.__class__ is bytes else encode(conform(row.content)) for row in rows
        ]

    def messages(self, records: Sequence[bytes], now: datetime) -> Iterator[bytes]:
        """Yield the messages of records, a line each, some at a time."""
        before = b'{"type":"RECORD","stream":%b,"record":' % encode(self._stream)
        after = b',"time_extracted":%b}\n' % encode(now)
        for start in range(0, len(records), TOGETHER):
            yield before + (after + before).join(records[start : start + TOGETHER]) + after


def records_of(rows: Sequence[Row], make: RecordEncoder | Conformer) -> list[Any]:
    """Return the records of rows, as JSON or as dictionaries."""
    if isinstance(make, RecordEncoder):
        return make.records(rows)
    return [make(row.content) for row in rows]


def as_json(records: list[Any], make: RecordEncoder | Conformer) -> list[bytes]:
    """Return as JSON the records that `make` has made."""
    return records if isinstance(make, RecordEncoder) else list(map(encode, records))
