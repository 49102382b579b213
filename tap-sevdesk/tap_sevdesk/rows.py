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


def id_in(reference: Any) -> str | None:  # noqa: ANN401
    """Return the id in a reference, be it a dictionary, an object made for it, or nothing of the kind."""
    found = reference.get("id") if isinstance(reference, dict) else getattr(reference, "id", None)
    return str(found) if found else None


def with_fields(sent: msgspec.Raw, parent_field: str) -> Row:
    """Return a row with a dictionary of its fields; `parent_field` refers to a position's document."""
    fields = _decode(sent)
    if not fields.get("id"):
        msg = "a row without an id"
        raise msgspec.ValidationError(msg)
    changed = read_time(fields.get("update"))
    return Row(str(fields["id"]), changed and changed[0], id_in(fields.get(parent_field)), fields)
