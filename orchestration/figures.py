"""The figures of the report, read from the marts by one query and proved to agree with each other."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

# One query, because each `dbt show` starts dbt anew. Amounts as text: dbt's JSON would make them floats.
QUERY = """
select 'total' as part, null as country_code, null as label, null as position, count(*) as documents,
  cast(coalesce(sum(net_eur), 0) as varchar) as net, cast(coalesce(sum(gross_eur), 0) as varchar) as gross,
  max(data_as_of) as data_as_of
from {{ ref('invoices_summary') }}
union all
select 'city', country_code, city, rank_overall, document_count,
  cast(total_net_eur as varchar), cast(total_gross_eur as varchar), data_as_of
from {{ ref('invoices_amount_by_city') }}
union all
select 'country', country_code, country_name, rank_overall, document_count,
  cast(total_net_eur as varchar), cast(total_gross_eur as varchar), data_as_of
from {{ ref('invoices_amount_by_country') }}
union all
select 'month', null, left(cast(invoice_date as varchar), 7), null, count(*),
  cast(sum(net_eur) as varchar), cast(sum(gross_eur) as varchar), max(data_as_of)
from {{ ref('invoices_summary') }} group by left(cast(invoice_date as varchar), 7)
"""


class FiguresDisagreeError(Exception):
    """Two marts that must have the same total do not; the message names them."""


@dataclass(frozen=True)
class Line:
    """One line of a ranking: a city, a country or a month (`2026-06`); its revenue in euros."""

    label: str
    documents: int
    net: Decimal
    gross: Decimal
    country_code: str = ""


@dataclass(frozen=True)
class Figures:
    """All the report says. `as_of` is the instant the data are complete to, None before the first read."""

    as_of: datetime | None
    total: Line
    cities: list[Line]
    countries: list[Line]
    months: list[Line]


def figures(rows: Iterable[Mapping[str, Any]]) -> Figures:
    """Sort the rows of QUERY into their parts.

    Raises FiguresDisagreeError unless every part adds up to the total.
    """
    parts: dict[str, list[tuple[Any, Line]]] = {"total": [], "city": [], "country": [], "month": []}
    instants = []
    for raw in rows:
        row = {name.lower(): value for name, value in raw.items()}
        line = Line(
            label=row["label"] or "",
            documents=int(row["documents"]),
            net=Decimal(row["net"]),
            gross=Decimal(row["gross"]),
            country_code=row["country_code"] or "",
        )
        parts[row["part"]].append((row["position"], line))
        if row["data_as_of"]:
            instants.append(datetime.fromisoformat(row["data_as_of"]))
    total = parts["total"][0][1]
    result = Figures(
        as_of=max(instants, default=None),
        total=total,
        cities=_ranked(parts["city"]),
        countries=_ranked(parts["country"]),
        months=sorted((line for _, line in parts["month"]), key=lambda line: line.label),
    )
    for name, lines in (("city", result.cities), ("country", result.countries), ("month", result.months)):
        added = add(lines)
        if (added.documents, added.net, added.gross) != (total.documents, total.net, total.gross):
            raise FiguresDisagreeError(
                f"Revenue by {name} is {added.net} EUR net, but all documents are {total.net} EUR."
            )
    return result


def add(lines: Iterable[Line], label: str = "") -> Line:
    """Return the sum of `lines` as one line."""
    lines = list(lines)
    return Line(
        label=label,
        documents=sum(line.documents for line in lines),
        net=sum((line.net for line in lines), Decimal(0)),
        gross=sum((line.gross for line in lines), Decimal(0)),
    )


def _ranked(lines: list[tuple[Any, Line]]) -> list[Line]:
    return [
        line
        for _, line in sorted(lines, key=lambda pair: (int(pair[0]), pair[1].label, pair[1].country_code))
    ]
