"""Cut a page into rows although one of them is no JSON, so that one bad row does not cost the others.

A decoder gives up the whole page at the first mistake in it. Here only strings, brackets and commas are
looked at, which is enough to tell where a row begins and ends. What is inside is for others to judge.
"""

import re

import msgspec

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_TOKEN = re.compile(_STRING.pattern + rb"|[\[\]{},]", re.DOTALL)
_NO_BRACKETS = bytes(set(range(256)) - set(b"{}[]"))
_OBJECTS = re.compile(rb'"objects"\s*:\s*\[')
_BETWEEN = re.compile(  # inside a row the name of a field would follow, and a colon
    rb'\}\s*,\s*(?:[^"\s]|"(?:[^"\\]|\\.)*"\s*(?:[,\]]|$))', re.DOTALL
)
_CLOSES = {b"}": b"{", b"]": b"["}
DEEPEST = 64
"""Levels of objects and lists in each other; sevDesk's rows have three, and readers have limits."""


def cut(body: bytes) -> tuple[bytes, list[bytes]] | None:
    """Return the answer without its rows, and the rows; `None` when it breaks off or is no list of rows."""
    found = _OBJECTS.search(body)
    if found is None or not body.lstrip().startswith(b"{"):
        return None
    rows: list[bytes] = []
    open_: list[bytes] = []
    start = found.end()
    for token in _TOKEN.finditer(body, start):
        kind = token[0]
        if kind in (b"{", b"["):
            open_.append(kind)
        elif kind in _CLOSES and open_:
            while open_ and open_.pop() != _CLOSES[kind]:
                pass  # a bracket inside the row that was never closed
        elif kind == b"]" and not open_:
            if rows or body[start : token.start()].strip():
                rows.append(body[start : token.start()].strip())
            return body[: found.end()] + body[token.start() :], rows
        elif kind == b"," and not open_:
            rows.append(body[start : token.start()].strip())
            start = token.end()
    return None


def may_be_several(row: bytes) -> bool:
    """Tell whether a row that is no JSON may be more than one: a lost quotation mark hides where rows end."""
    if not _BETWEEN.search(row):
        return False
    try:
        msgspec.json.decode(row)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return True
    return False


def in_the_list(body: bytes) -> bytes:
    """Return what stands in the list of a whole answer that cannot be cut; nothing of one that breaks off."""
    found = _OBJECTS.search(body)
    whole = body.lstrip().startswith(b"{") and body.rstrip().endswith(b"}")
    return body[found.end() : body.rfind(b"]")].strip() if found and whole else b""


def too_deep(content: bytes, deepest: int = DEEPEST) -> bool:
    """Tell whether objects and lists in a row, or in a part of one, are nested deeper than they may be."""
    if content.count(b"{") + content.count(b"[") <= deepest:
        return False
    level = 0
    for bracket in _outside_of_strings(content).translate(None, _NO_BRACKETS):
        level += 1 if bracket in b"{[" else -1
        if level > deepest:
            return True
    return False


def _outside_of_strings(content: bytes) -> bytes:
    """Return JSON without its strings; without a backslash each second quotation mark ends one."""
    return _STRING.sub(b"", content) if b"\\" in content else b"".join(content.split(b'"')[::2])
