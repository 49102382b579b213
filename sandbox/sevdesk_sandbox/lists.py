"""Lists: which rows a request selects, in which order, and which page of them."""

from __future__ import annotations

from collections.abc import Callable
from random import SystemRandom
from typing import TYPE_CHECKING
from zlib import crc32

from sevdesk_sandbox.books import key_of
from sevdesk_sandbox.clock import epoch_of
from sevdesk_sandbox.resources import RESOURCES, TIME_FILTERS

if TYPE_CHECKING:
    from sevdesk_sandbox.books import Books
    from sevdesk_sandbox.ledger import Row
    from sevdesk_sandbox.switches import Switches

Test = Callable[["Row"], bool]
_TRUE = {"true", "1"}
MAX_LIMIT = 1000


class LimitError(ValueError):
    """`limit` is not a whole number from 1 to 1000."""


def window(query: dict[str, str], switches: Switches) -> slice:
    """Return the page that `limit` (default 100) and `offset` ask for.

    Raises:
        LimitError: for a limit outside 1..1000, as sevDesk has answered since May 2025.

    """
    limit = query.get("limit", "100")
    if not (limit.isascii() and limit.isdigit() and 1 <= int(limit) <= MAX_LIMIT):
        raise LimitError(limit)
    offset = query.get("offset", "0")
    start = int(offset) if offset.isdigit() and switches.offset == "honoured" else 0
    return slice(start, start + int(limit))


def select(books: Books, switches: Switches, resource: str, query: dict[str, str]) -> list[Row]:
    """Return all rows a request asks for, in order; computed once for all pages of a list."""
    relevant = tuple(sorted((name, text) for name, text in query.items() if name not in {"limit", "offset"}))

    def compute() -> list[Row]:
        if switches.names("emptied", resource):
            return []
        tests = _tests(switches, resource, query)
        rows = [row for row in books.table(resource) if may_see(switches, resource, row)]
        kept = [row for row in rows if all(test(row) for test in tests)] if tests else rows
        return _sorted(kept, switches, resource, query)

    rows = books.cached((resource, relevant), compute)
    if switches.order == "shuffled":
        return SystemRandom().sample(rows, len(rows))
    return rows


def may_see(switches: Switches, resource: str, row: Row) -> bool:
    """Say whether the token may see a row: a restricted one sees half of them."""
    return not (switches.names("restricted", resource) and crc32(row.id.encode()) % 2)


def _sorted(rows: list[Row], switches: Switches, resource: str, query: dict[str, str]) -> list[Row]:
    name, arrangement = query.get("orderBy[0][field]", ""), query.get("orderBy[0][arrangement]", "asc")
    for typed in RESOURCES[resource].sorts:
        if typed in query:
            field = typed.removeprefix("orderBy")
            name, arrangement = field[0].lower() + field[1:], query[typed]
    if name and switches.order_by == "honoured":
        return sorted(rows, key=_by(name), reverse=arrangement.lower() == "desc")
    order = RESOURCES[resource].order if switches.order == "by-list" else switches.order
    if order in {"create-desc", "shuffled"}:
        return rows
    column, _, direction = order.partition("-")
    return sorted(rows, key=_by(column), reverse=direction == "desc")


def _by(name: str) -> Callable[[Row], tuple[int | str, int, str]]:
    """Sort by a field, and by id where that is equal."""
    if name in {"create", "update"}:
        return lambda row: (getattr(row, f"{name}d") or 0, *key_of(row))
    return lambda row: ("" if name == "id" else str(row.record.get(name) or ""), *key_of(row))


def _tests(switches: Switches, resource: str, query: dict[str, str]) -> list[Test]:
    row = RESOURCES[resource]
    tests: list[Test] = _hidden(resource, query)
    same = [name for name in row.same if name in query and switches.honours(resource, name, documented=True)]
    tests += [_same(name, query[name]) for name in same]
    refs = [name for name in row.refs if f"{name}[id]" in query]
    refs = [name for name in refs if switches.honours(resource, name, documented=True)]
    tests += [_refers(name, query[f"{name}[id]"], query.get(f"{name}[objectName]")) for name in refs]
    for name in TIME_FILTERS:
        if name in query and switches.honours(resource, name, documented=row.times):
            tests += _window(switches, name.endswith("After"), f"{name[:6]}d", query[name])
    for name in ("startDate", "endDate"):
        if name in query and switches.honours(resource, name, documented=bool(row.day)):
            tests += _window(switches, name == "startDate", row.day, query[name], iso=row.iso_days)
    return tests


def _hidden(resource: str, query: dict[str, str]) -> list[Test]:
    """Hide what a list leaves out unless asked: reminders and templates of invoices, persons of contacts."""
    if resource == "Invoice" and query.get("showAll") not in _TRUE and "invoiceType" not in query:
        asked = {kind for name, kind in (("showMa", "MA"), ("showWkr", "WKR")) if query.get(name) == "all"}
        if asked:
            return [lambda row: row.record.get("invoiceType") in asked]
        return [lambda row: row.record.get("invoiceType") not in {"MA", "WKR"}]
    if resource == "Contact" and query.get("depth") != "1":
        return [lambda row: bool(row.record.get("name"))]
    return []


def _same(name: str, text: str) -> Test:
    return lambda row: str(row.record.get(name)) == text


def _refers(name: str, key: str, model: str | None) -> Test:
    def test(row: Row) -> bool:
        if not row.may_refer(name, key):
            return False
        target = row.record.get(name) or {}
        return target.get("id") == key and model in {None, target.get("objectName")}

    return test


def _window(switches: Switches, after: bool, column: str, text: str, *, iso: bool = False) -> list[Test]:
    """Compare a time with a bound in Unix seconds; what cannot be read is ignored, like any unknown thing."""
    bound = int(text) if text.isdigit() and not iso else None
    if bound is None and (iso or switches.iso_filters == "accepted"):
        bound = epoch_of(text)
    if bound is None:
        return []
    slack = 0 if switches.bounds == "inclusive" else 1
    low, high = (bound + slack, None) if after else (None, bound - slack)

    def test(row: Row) -> bool:
        moment = (
            getattr(row, column) if column in {"created", "updated"} else epoch_of(row.record.get(column))
        )
        return moment is not None and (low is None or moment >= low) and (high is None or moment <= high)

    return [test]
