"""Rows of sevDesk's lists, as the reading sees them: an id, when they were changed, and the rest."""

from collections.abc import Callable
from typing import Any

import msgspec

from tap_sevdesk.bookmark import read_time


class Number(str):
    """A decimal number: the text that was sent, and the knowledge that it was not sent as text."""

    __slots__ = ()


_decode = msgspec.json.Decoder(list[dict[str, Any]], float_hook=Number).decode


class Row(msgspec.Struct, frozen=True, gc=False):
    """A row of a list.

    `update` is when it was changed last, in seconds since 1970, `parent` the id of the document it belongs
    to; `None` where it does not say. `fields` is all of it: a dictionary, or an object of a type that was
    made for the list.
    """

    id: str
    update: int | None
    parent: str | None
    fields: Any


TakeApart = Callable[[msgspec.Raw], list[Row]]
"""What makes rows of a list as it was sent. Raises `msgspec.DecodeError` unless it holds objects with ids."""


def as_dictionaries(parent_field: str) -> TakeApart:
    """Return what makes rows with a dictionary each; `parent_field` refers to a position's document."""

    def row(fields: dict[str, Any]) -> Row:
        if not fields.get("id"):
            msg = "a row without an id"
            raise msgspec.ValidationError(msg)
        parent = fields.get(parent_field)
        parent_id = parent.get("id") if isinstance(parent, dict) else None
        changed = read_time(fields.get("update"))
        return Row(str(fields["id"]), changed and changed[0], str(parent_id) if parent_id else None, fields)

    return lambda sent: [row(fields) for fields in _decode(sent)]
