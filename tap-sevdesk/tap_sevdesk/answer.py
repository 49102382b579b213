"""What sevDesk answers, taken apart: its rows, its count, or the error that it holds."""

import codecs
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from tap_sevdesk.cut import cut, in_the_list, may_be_several
from tap_sevdesk.errors import StreamError

Objects = list[msgspec.Raw] | dict[str, Any]
"""Rows, each as the JSON that was sent, or the one object that was asked for."""


class _Body(msgspec.Struct):
    """An answer; rows stay as they were sent until somebody knows what to look for in them."""

    objects: Objects | None = None
    total: Any = None
    error: Any = None


_decode = msgspec.json.Decoder(_Body).decode


@dataclass(frozen=True)
class Answer:
    """A good answer: the content of `objects`, the server's count of all rows, its time when it was asked."""

    objects: Objects
    total: int | None
    as_of: datetime
    total_as: str = "absent"
    """How the count was written: as text, as a number, or not at all."""


class RetryableError(Exception):
    """A failure that may pass, with the seconds the server asks to wait, if it does.

    `came_through` tells whether the server was reached: then it may answer for other lists.
    """

    def __init__(self, what: str, wait: float | None = None, *, came_through: bool = True) -> None:
        super().__init__(what)
        self.wait = wait
        self.came_through = came_through


class SpoiltError(RetryableError):
    """A whole list came, and something in it hides where its rows end; `row` is what stands in the list."""

    def __init__(self, row: bytes) -> None:
        super().__init__("the answer was not JSON")
        self.row = row


def read_answer(path: str, sent: bytes, as_of: datetime) -> Answer:
    """Take a good answer apart; what is not JSON counts as cut off on its way and is asked for again."""
    body = _decode_body(sent)
    if body.error or body.objects is None:
        code = _code_in(body)
        raise StreamError(
            f"{path}: the answer holds no objects but an error{f' with code {code}' if code else ''}."
        )
    total = str(body.total)  # a text in the description, a number elsewhere (BEHAVIOR.md 6)
    return Answer(
        objects=body.objects,
        total=int(total) if re.fullmatch(r"[0-9]{1,18}", total) else None,
        as_of=as_of,
        total_as="absent" if body.total is None else "text" if isinstance(body.total, str) else "number",
    )


def _decode_body(sent: bytes) -> _Body:
    sent = sent.removeprefix(codecs.BOM_UTF8)
    try:
        return _decode(sent)
    except msgspec.ValidationError:
        return _Body(error=True)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    try:
        apart = cut(sent)  # one row may be no JSON, and the others good
        if apart is not None and not any(may_be_several(row) for row in apart[1]):
            body = _decode(apart[0])
            body.objects = [msgspec.Raw(row) for row in apart[1]]
            return body
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    if row := in_the_list(sent):
        raise SpoiltError(row)
    raise RetryableError("the answer was not JSON")


def _code_in(body: _Body) -> str:
    """Return the error code of an answer if it looks like one: digits or capitals, no text of a customer."""
    code = str(body.error.get("code") if isinstance(body.error, dict) else "")
    return code if re.fullmatch(r"[A-Z0-9_]{1,40}", code) else ""


def error_code(body: bytes) -> str:
    """Return the error code in the body of a refused request, or an empty text."""
    try:
        return _code_in(_decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
