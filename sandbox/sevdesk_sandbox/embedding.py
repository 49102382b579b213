"""`embed`: references and children of a record written out in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sevdesk_sandbox.records import Record

if TYPE_CHECKING:
    from sevdesk_sandbox.books import Books

CHILDREN = {("Contact", "addresses"): "ContactAddress", ("Contact", "communicationWays"): "CommunicationWay"}


def embed(books: Books, record: Record, paths: list[str]) -> Record:
    """Write out what dotted paths name, such as `contact` or `part.unity`; what does not exist is ignored."""
    full = dict(record)
    below: dict[str, list[str]] = {}
    for path in paths:
        name, _, rest = path.partition(".")
        below.setdefault(name, []).extend([rest] if rest else [])
    for name, deeper in below.items():
        child = CHILDREN.get((record["objectName"], name))
        if child:
            key = record["id"]
            found = [
                row.record for row in books.table(child) if (row.record.get("contact") or {}).get("id") == key
            ]
            full[name] = [embed(books, each, deeper) for each in found]
            continue
        target = record.get(name)
        if isinstance(target, dict) and {"id", "objectName"} <= target.keys():
            row = books.find(target["objectName"], target["id"])
            if row:
                full[name] = embed(books, row.record, deeper)
    return full
