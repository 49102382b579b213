"""The documents as the page's script wants them: columns of whole numbers, deflated, in base64.

So 100,000 documents of 20,000 customers take about two megabytes. Amounts are cents. Beyond
MOST_DOCUMENTS the oldest are added up by day, customer and place: totals stay exact, only the single
documents are not listed.
"""

import base64
import json
import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sevdesk_report.language import Language
from sevdesk_report.places import city_name, country_name, customer_name
from sevdesk_report.rows import Document

MOST_DOCUMENTS = 100_000
SAFE = 2**53  # whole numbers of JavaScript are exact up to here; beyond, the script uses BigInt
EPOCH = date(1970, 1, 1)
KINDS = {
    "invoice": "Invoice",
    "partial": "Partial invoice",
    "advance": "Advance invoice",
    "final": "Final invoice",
    "cancellation": "Cancellation",
    "credit_note": "Credit note",
}
STATUSES = {"open": "open", "partly paid": "partly paid", "paid": "paid"}
BUCKETS = (
    "",
    "not due",
    "1–30 days overdue",
    "31–60 days overdue",
    "61–90 days overdue",
    "over 90 days overdue",
)


@dataclass
class _Index:
    """Values numbered in the order in which they first come."""

    places: dict[Any, int]
    values: list[Any]

    def number(self, key: object, value: object) -> int:
        place = self.places.setdefault(key, len(self.values))
        if place == len(self.values):
            self.values.append(value)
        return place


def pack(
    documents: Sequence[Document],
    words: Language,
    beside: Iterable[Decimal] = (),
    most: int = MOST_DOCUMENTS,
) -> dict[str, Any]:
    """Return the documents (newest first) as columns, with the names that the columns point into.

    `beside` are the other amounts that the script adds up: `big` says that numbers cannot hold all these.

    A column of nothing but zeros, or `due` of nothing but null, is empty.
    `days`, `due` and `number` are differences to the entry before or to the day; `count` is how many
    documents an entry stands for, empty where each stands for itself.
    """
    customers, cities, countries = _Index({}, []), _Index({}, []), _Index({}, [])
    kinds, statuses = _Index({}, []), _Index({}, [])
    columns: dict[str, list[Any]] = {
        name: []
        for name in (
            "days",
            "net",
            "tax",
            "open",
            "kind",
            "status",
            "due",
            "bucket",
            "customer",
            "city",
            "number",
        )
    }
    before = EPOCH
    entries = [(document, 1) for document in documents[:most]] + _added(documents[most:])
    for document, _ in entries:
        columns["days"].append((document.date - before).days)
        before = document.date
        net, gross = cents(document.net), cents(document.gross)
        columns["net"].append(net)
        columns["tax"].append(gross - net)
        columns["open"].append(cents(document.open))
        columns["kind"].append(
            kinds.number(document.kind, words.text(KINDS.get(document.kind, document.kind)))
        )
        columns["status"].append(
            statuses.number(document.status, words.text(STATUSES.get(document.status, document.status)))
        )
        columns["due"].append((document.due - document.date).days if document.due else None)
        columns["bucket"].append(document.bucket)
        columns["customer"].append(
            customers.number(
                document.customer_id, [document.customer_id, customer_name(document.customer, words)]
            )
        )
        country = countries.number(
            document.country_code,
            [document.country_code, country_name(document.country_code, document.country, words)],
        )
        columns["city"].append(
            cities.number(
                (document.country_code, document.city),
                [document.city, city_name(document.city, words), country],
            )
        )
        columns["number"].append(document.number)
    columns["number"] = list(_short(columns["number"]))
    most_of_all = sum((abs(each.gross) + abs(each.net) + abs(each.open) for each in documents), Decimal(0))
    big = cents(most_of_all + sum(map(abs, beside), Decimal(0))) >= SAFE
    for name in ("net", "tax", "open") if big else ():
        columns[name] = [str(value) for value in columns[name]]
    due = columns["due"]
    if all(days is None for days in due):
        due.clear()
    return {
        **{name: values if values is due or any(values) else [] for name, values in columns.items()},
        "count": [count for _, count in entries] if len(documents) > most else [],
        "rows": len(entries),
        "big": big,
        "customers": customers.values,
        "cities": cities.values,
        "countries": countries.values,
        "kinds": kinds.values,
        "statuses": statuses.values,
    }


def compressed(value: object) -> str:
    """Return `value` as JSON, deflated, in base64; numbers beyond 2^53 are text in it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    squeezed = zlib.compressobj(9, zlib.DEFLATED, -15)
    return base64.b64encode(squeezed.compress(text.encode()) + squeezed.flush()).decode()


def cents(euros: Decimal) -> int:
    """Return euros as whole cents."""
    return int((euros * 100).to_integral_value())


def day_number(day: date) -> int:
    """Return the days since 1970-01-01."""
    return (day - EPOCH) // timedelta(days=1)


def _added(documents: Iterable[Document]) -> list[tuple[Document, int]]:
    """Return the documents added up by day, customer, place, kind and bucket, each with how many it is of."""
    groups: dict[tuple[Any, ...], list[Document]] = {}
    for document in documents:
        key = (
            document.date,
            document.customer_id,
            document.country_code,
            document.city,
            document.bucket,
        )
        groups.setdefault(key, []).append(document)
    return [
        (
            replace(
                group[0],
                number="",
                net=sum((document.net for document in group), Decimal(0)),
                gross=sum((document.gross for document in group), Decimal(0)),
                open=sum((document.open for document in group), Decimal(0)),
            ),
            len(group),
        )
        for group in groups.values()
    ]


def _short(numbers: Iterable[str]) -> Iterable[str | int]:
    """Yield each number of a document, or how much less it counts than the one before it of the same form.

    Numbers that only count down, as they do from the newest to the oldest, become ones.
    """
    before = ("", 0, 0)
    for number in numbers:
        match = re.fullmatch(r"(.*\D|)(\d{1,12})", number, re.DOTALL | re.ASCII)
        if not match:
            yield number
            before = ("", 0, 0)
            continue
        form = (match[1], len(match[2]), int(match[2]))
        yield before[2] - form[2] if form[:2] == before[:2] else number
        before = form
