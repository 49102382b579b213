"""Rows of sevDesk's lists, as the reading sees them: an id, when they were changed, and the rest."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from tap_sevdesk.bookmark import read_time


class Number(str):
    """A decimal number: the text that was sent, and the knowledge that it was not sent as text."""

    __slots__ = ()


_decode = msgspec.json.Decoder(dict[str, Any], float_hook=Number).decode


class Row(msgspec.Struct, frozen=True, gc=False):
    """A row of a list.

    `update` is when it was changed last, in seconds since 1970, `parent` the id of the document it belongs
    to; `None` where it does not say. `content` is all of it, as whoever takes it apart wants it.
    """

    id: str
    update: int | None
    parent: str | None
    content: Any


TakeApart = Callable[[Sequence[msgspec.Raw]], list[Row]]
"""What makes rows of what was sent. Raises a `DecodeError` unless these are objects with ids, in UTF-8."""


def with_fields(sent: msgspec.Raw, parent_field: str) -> Row:
    """Return a row with a dictionary of its fields; `parent_field` refers to a position's document."""
    fields = _decode(sent)
    if not fields.get("id"):
        msg = "a row without an id"
        raise msgspec.ValidationError(msg)
    parent = fields.get(parent_field)
    parent_id = parent.get("id") if isinstance(parent, dict) else None
    changed = read_time(fields.get("update"))
    return Row(str(fields["id"]), changed and changed[0], str(parent_id) if parent_id else None, fields)
