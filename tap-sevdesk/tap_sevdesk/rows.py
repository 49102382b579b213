"""Rows of sevDesk's lists, as the reader sees them: an id, when they were changed, and the rest."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from tap_sevdesk.bookmark import read_time
from tap_sevdesk.cut import too_deep

OWNER = "sevClient"
"""The field with the account that a row belongs to."""


class Number(str):
    """A decimal number: the text that was sent, and the knowledge that it was not sent as text."""

    __slots__ = ()


_decode = msgspec.json.Decoder(dict[str, Any], float_hook=Number).decode


class Row(msgspec.Struct, frozen=True, gc=False):
    """A row of a list.

    `update` is when it was changed last, in seconds since 1970, `parent` the id of the document it belongs
    to; `None` where it does not say. `content` is all of it, as whoever takes it apart wants it. `create` is
    when it was made, `owner` the id of the account it belongs to.
    """

    id: str
    update: int | None
    parent: str | None
    content: Any
    create: int | None = None
    owner: str | None = None


ParseRows = Callable[[Sequence[msgspec.Raw]], list[Row]]
"""What makes rows of what was sent. Raises a `DecodeError` unless these are objects with ids, in UTF-8."""


def id_of(value: Any) -> str | None:  # noqa: ANN401
    """Return an id as text, 0 included; `None` for what cannot be one."""
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        return str(value) or None
    return None


def id_in(reference: Any) -> str | None:  # noqa: ANN401
    """Return the id in a reference, be it a dictionary, an object made for it, a bare id, or nothing."""
    if isinstance(reference, dict):
        return id_of(reference.get("id"))
    return id_of(getattr(reference, "id", reference))


def owner_in(reference: Any) -> str | None:  # noqa: ANN401
    """Return the id in a reference to an account; `None` where it is none, and 0 is nobody's."""
    found = id_in(reference)
    if found is not None and found.endswith(".0"):  # a decimal number
        found = found[:-2]
    return None if found == "0" else found


def with_fields(sent: msgspec.Raw, parent_field: str) -> Row:
    """Return a row with a dictionary of its fields; `parent_field` refers to a position's document."""
    if too_deep(bytes(sent)):
        msg = "a row nested too deeply"
        raise msgspec.ValidationError(msg)
    fields = _decode(sent)
    identity = id_of(fields.get("id"))
    if identity is None:
        msg = "a row without an id"
        raise msgspec.ValidationError(msg)
    update, create = read_time(fields.get("update")), read_time(fields.get("create"))
    parent = id_in(fields.get(parent_field))
    owner = owner_in(fields.get(OWNER))
    return Row(identity, update and update[0], parent, fields, create and create[0], owner)
