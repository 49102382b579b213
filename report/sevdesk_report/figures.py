"""The figures of the report, sorted out of the query's rows and proved to agree with each other."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sevdesk_report import german
from sevdesk_report.proof import Kind, Listed, add_listed
from sevdesk_report.query import CUSTOMERS_SHOWN, NEEDED

ZERO = Decimal(0)
DOCUMENTS = ("invoices", "credit_notes")
Row = Mapping[str, Any]


class FiguresDisagreeError(Exception):
    """Two marts that must have the same total do not; the message names them."""


@dataclass(frozen=True)
class Line:
    """One line of a ranking: a city, a country, a customer or a month (`2026-06`); revenue in euros.

    `open` is what is still to be paid; zero in the marts that do not know it (cities, countries, months).
    """

    label: str
    documents: int
    net: Decimal
    gross: Decimal
    country_code: str = ""
    open: Decimal = ZERO


@dataclass(frozen=True)
class Owed:
    """What customers still owe, in euros: of one age (`1-30 days` overdue), or in all."""

    label: str
    documents: int
    open: Decimal


@dataclass(frozen=True)
class Stream:
    """How far one of sevDesk's lists has been read.

    `as_of` is the start of the latest complete read, `full_as_of` that of the latest complete full one, None
    before the first. `complete` and `count_agrees` speak of the latest read: whether it ended well, and
    whether the `seen` different records are as many as the server counted (`expected`); None if unknown.
    """

    name: str
    as_of: datetime | None = None
    full_as_of: datetime | None = None
    complete: bool = False
    count_agrees: bool | None = None
    seen: int | None = None
    expected: int | None = None


@dataclass(frozen=True)
class Figures:
    """All the report says. `as_of` is the instant the data are complete to, None before the first read."""

    as_of: datetime | None
    total: Line
    cities: list[Line]
    countries: list[Line]
    months: list[Line]
    customers: list[Line]
    owed: list[Owed]
    listed: list[Listed]
    streams: list[Stream]
    miscounted: list[Stream] = field(default_factory=list)
    """Of all streams, those of which the latest read did not see what the server counts."""


def figures(rows: Iterable[Row]) -> Figures:
    """Sort the rows of `marts.QUERY` into their parts.

    Raises FiguresDisagreeError unless every part adds up to the total.
    """
    parts: dict[str, list[Row]] = {}
    for raw in rows:
        row = {name.lower(): value for name, value in raw.items()}
        parts.setdefault(row["part"], []).append(row)
    (total,) = parts["total"]
    known = {row["label"]: _stream(row) for row in parts.get("stream", [])}
    streams = [known.get(name) or Stream(name) for name in NEEDED]
    result = Figures(
        as_of=_instant(total["data_as_of"]) or _read_to(streams),
        total=_line(total),
        cities=_ranked(parts.get("city", [])),
        countries=_ranked(parts.get("country", [])),
        months=sorted((_line(row) for row in parts.get("month", [])), key=lambda line: line.label),
        customers=_customers(parts.get("customer", [])),
        owed=[
            Owed(row["label"], int(row["open_documents"]), Decimal(row["open"]))
            for row in sorted(parts.get("owed", []), key=lambda row: int(row["position"]))
        ],
        listed=[_listed(row) for row in parts.get("listed", [])],
        streams=streams,
        miscounted=[stream for stream in known.values() if stream.count_agrees is False],
    )
    _prove(result, Owed("total", int(total["open_documents"]), Decimal(total["open"])))
    return result


def _read_to(streams: Iterable[Stream]) -> datetime | None:
    """Return the instant the data are complete to where no document bears it, as there is none."""
    reads = [stream.as_of for stream in streams if stream.name in DOCUMENTS]
    return min((read for read in reads if read), default=None) if all(reads) else None


def add(lines: Iterable[Line], label: str = "") -> Line:
    """Return the sum of `lines` as one line."""
    lines = list(lines)
    return Line(
        label=label,
        documents=sum(line.documents for line in lines),
        net=sum((line.net for line in lines), ZERO),
        gross=sum((line.gross for line in lines), ZERO),
        open=sum((line.open for line in lines), ZERO),
    )


def add_owed(lines: Iterable[Owed]) -> Owed:
    """Return the sum of `lines` as one line."""
    lines = list(lines)
    return Owed("total", sum(line.documents for line in lines), sum((line.open for line in lines), ZERO))


def _prove(found: Figures, owed: Owed) -> None:
    """Raise FiguresDisagreeError unless every part adds up to the total of the documents."""
    total = found.total
    for name, lines in (
        ("city", found.cities),
        ("country", found.countries),
        ("month", found.months),
        ("customer", found.customers),
    ):
        added = add(lines)
        _same(f"documents by {name}", added.documents, total.documents)
        _same(f"net by {name}", added.net, total.net)
        _same(f"gross by {name}", added.gross, total.gross)
    _same("open by customer", add(found.customers).open, total.open)
    ages = add_owed(found.owed)
    _same("open by age", ages.open, total.open)
    _same("open documents by age", ages.documents, owed.documents)
    counted = add_listed(found.listed)
    _same("documents in the reconciliation", counted.counted_documents, total.documents)
    _same("net in the reconciliation", counted.counted_net, total.net)
    _same("gross in the reconciliation", counted.counted_gross, total.gross)


def _same(what: str, added: Decimal | int, expected: Decimal | int) -> None:
    if added != expected:
        raise FiguresDisagreeError(
            f"No report: {what} adds up to {added}, but the documents to {expected}. The marts are of "
            "different builds; build them all together (`make run`)."
        )


def _line(row: Row) -> Line:
    return Line(
        label=row["label"] or "",
        documents=int(row["documents"]),
        net=Decimal(row["net"]),
        gross=Decimal(row["gross"]),
        country_code=row["code"] or "",
        open=Decimal(row["open"] or 0),
    )


def _ranked(rows: list[Row]) -> list[Line]:
    rows = sorted(rows, key=lambda row: (int(row["position"]), row["label"], row["code"] or ""))
    return [_line(row) for row in rows]


def _customers(rows: list[Row]) -> list[Line]:
    """Return the ranking; its last line, the others, comes with their number for a label."""
    lines = _ranked(rows)
    return [
        *lines[:CUSTOMERS_SHOWN],
        *(replace(rest, label=f"{german.count(int(rest.label))} others") for rest in lines[CUSTOMERS_SHOWN:]),
    ]


def _listed(row: Row) -> Listed:
    kind = Kind(
        year=row["year"] or "",
        code=row["code"] or "",
        type=row["label"] or "",
        status=row["status"] or "",
        status_name=row["status_name"] or "",
        reason=row["reason"] or "",
    )
    return Listed(
        kind=kind,
        documents=int(row["documents"]),
        net=Decimal(row["net"]),
        gross=Decimal(row["gross"]),
        counted_documents=0 if kind.reason else int(row["documents"]),
        counted_net=Decimal(row["counted_net"]),
        counted_gross=Decimal(row["counted_gross"]),
    )


def _stream(row: Row) -> Stream:
    return Stream(
        name=row["label"],
        as_of=_instant(row["data_as_of"]),
        full_as_of=_instant(row["full_as_of"]),
        complete=row["complete"] == "true",
        count_agrees=None if row["count_agrees"] is None else row["count_agrees"] == "true",
        seen=None if row["seen"] is None else int(row["seen"]),
        expected=None if row["expected"] is None else int(row["expected"]),
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
