"""Figures made by hand, and the page of them as text."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sevdesk_report import page as report
from sevdesk_report.figures import Figures, Line, Owed, Stream, add
from sevdesk_report.proof import Kind, Listed
from sevdesk_report.query import NEEDED

NOW = datetime(2026, 6, 30, 12, 0, tzinfo=UTC)
MAX_AGE = timedelta(hours=3)


def line(label: str, net: str, country: str = "DE", documents: int = 1) -> Line:
    return Line(label, documents, Decimal(net), Decimal(net) * 2, country)


def read(name: str) -> Stream:
    return Stream(name, as_of=NOW, full_as_of=NOW, complete=True, count_agrees=True, seen=7, expected=7)


def whole(cities: list[Line], months: list[Line] | None = None) -> Figures:
    total = add(cities)
    return Figures(
        as_of=NOW,
        total=total,
        cities=cities,
        countries=[add(cities, "Deutschland")],
        months=months or [add(cities, "2026-06")],
        customers=[add(cities, "Muster GmbH")],
        owed=[Owed("not due", 0, total.open)],
        listed=[
            Listed(
                Kind("2026", "RE", "Rechnung", "200", "Offen"),
                total.documents,
                total.net,
                total.gross,
                total.documents,
                total.net,
                total.gross,
            )
        ],
        streams=[read(name) for name in NEEDED],
    )


def page_of(found: Figures, now: datetime = NOW) -> str:
    return report.render(found, now, MAX_AGE)


def text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL))
