"""Change the books after a page was read, as colleagues do who work while an extractor reads."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sevdesk_sandbox.books import Books


def drift(books: Books, resource: str, kind: str, turn: int) -> None:
    """Insert, update or delete one record (`all`: one each) of a resource; a function of the turn."""
    rng = Random(turn)  # noqa: S311 - which record is changed need not be secret
    rows = books.table(resource)
    kinds = ("insert", "update", "delete") if kind == "all" else (kind,)
    for each in kinds:
        row = rng.choice(rows)
        if each == "insert":
            fields = {
                name: text for name, text in row.record.items() if name not in {"id", "create", "update"}
            }
            books.put(resource, fields)
        elif each == "update":
            books.put(resource, {"id": row.id})
        else:
            books.delete(resource, row.id)
