"""Rows that cannot be read: kept apart and named by their place, so that their neighbours are loaded.

Such a row is no reason to stop: it may stay as it is for ever. But it is never silent either: the read is not
complete, and `extractions.unreadable_rows` says where the row stands (BEHAVIOR.md 60).
"""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import msgspec

from tap_sevdesk.cut import DEEPEST, too_deep
from tap_sevdesk.rows import ParseRows, Row

_BEGINS_WITH_ID = re.compile(rb'\{\s*"id"\s*:\s*(?:"(\d{1,20})"|(\d{1,20})\b)')
_MISTAKES = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError)


@dataclass(frozen=True)
class Unreadable:
    """A row by its place: `offset` rows before it, `page` from 1; its id and those around it where known."""

    offset: int
    page: int
    after_id: str | None
    before_id: str | None
    id: str | None
    reason: str

    def record(self) -> dict[str, Any]:
        """Return it as `extractions.unreadable_rows` holds it."""
        return asdict(self)

    def __str__(self) -> str:
        named = f"id {self.id}" if self.id else f"after id {self.after_id}, before id {self.before_id}"
        return f"row {self.offset + 1} ({named}): {self.reason}"


def parse_each(sent: Sequence[msgspec.Raw], parse_rows: ParseRows, offset: int, page_size: int) -> list[Row]:
    """Return a page's rows; one that cannot be read is a `Row` whose content is `Unreadable`.

    `offset` is the place of the first row in its list. Nothing is done twice as long as all rows are good.
    """
    try:
        return parse_rows(sent)
    except _MISTAKES:
        pass
    rows = [_one(row, parse_rows) for row in sent]
    ids = [row.id if isinstance(row, Row) else None for row in rows]
    for index, row in enumerate(rows):
        if not isinstance(row, Row):
            known = _BEGINS_WITH_ID.match(bytes(sent[index]))
            content = Unreadable(
                offset=offset + index,
                page=(offset + index) // page_size + 1,
                after_id=next(filter(None, reversed(ids[:index])), None),
                before_id=next(filter(None, ids[index + 1 :]), None),
                id=(known[1] or known[2]).decode() if known else None,
                reason=row,
            )
            rows[index] = Row(content.id or f"unreadable at {content.offset}", None, None, content)
    return [row for row in rows if isinstance(row, Row)]


def _one(sent: msgspec.Raw, parse_rows: ParseRows) -> Row | str:
    """Return a row, or the reason why it is none."""
    row = bytes(sent)
    if row == b"null":
        return "it is null"
    if not row.startswith(b"{"):
        return "it is not an object"
    if too_deep(row):
        return f"it is nested deeper than {DEEPEST} levels"
    try:
        return parse_rows([sent])[0]
    except _MISTAKES:
        return _reason(row)


def _reason(row: bytes) -> str:
    try:
        row.decode()
    except UnicodeDecodeError:
        return "its text is not UTF-8"
    try:
        fields = msgspec.json.decode(row, type=dict[str, msgspec.Raw])
        msgspec.json.decode(row, type=dict[str, Any])
    except msgspec.ValidationError:
        return "it holds a value out of range"
    except _MISTAKES:
        return "it is not valid JSON"
    identity = bytes(fields["id"]) if "id" in fields else b"null"
    return "it has no id" if identity in (b"null", b'""', b"false") else "it cannot be decoded"
