"""The report: one self-contained HTML page, and its rankings as text."""

import calendar
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from sevdesk_report import freshness, german
from sevdesk_report.chart import chart, without_gaps
from sevdesk_report.figures import Figures, Line, add, add_owed
from sevdesk_report.proof import YEARS_SHOWN, proof
from sevdesk_report.query import CUSTOMERS_SHOWN

LINES_SHOWN = 20
TEXT_LINES = 10


def render(figures: Figures, now: datetime, max_age: timedelta) -> str:
    """Return the page: HTML with its style inside, no script, nothing to fetch from elsewhere.

    `now` is the instant it is made, aware. Without script the page cannot know its age when it is read, so it
    says `max_age`, how old its data may get.
    """
    templates = Environment(
        loader=PackageLoader("sevdesk_report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(
        euro=german.euro,
        amount=german.amount,
        count=german.count,
        month=german.month,
        short=german.short,
        moment=german.moment,
        day=german.day,
    )
    months = without_gaps(figures.months)
    return templates.get_template("page.html.j2").render(
        figures=figures,
        troubles=freshness.troubles(figures, now, max_age),
        now=now,
        max_age=freshness.hours(max_age),
        period=(months[0].label, months[-1].label) if months else None,
        shown=LINES_SHOWN,
        rankings=[
            ("city", with_rest(figures.cities, LINES_SHOWN)),
            ("country", with_rest(figures.countries, LINES_SHOWN)),
        ],
        customers_shown=CUSTOMERS_SHOWN,
        owed=add_owed(figures.owed),
        proof=proof(figures.listed),
        streams=[
            (freshness.title(each), each, freshness.doubt(each), freshness.is_stale(each, now, max_age))
            for each in figures.streams
        ],
        chart=chart(months),
        years=by_year(figures.months),
        month_names=calendar.month_abbr,
    )


def with_rest(lines: Sequence[Line], shown: int) -> list[Line]:
    """Return the first `shown` lines and, when there are more, one that adds up the rest."""
    rest = lines[shown:]
    return [*lines[:shown], *([add(rest, f"{german.count(len(rest))} others")] if rest else [])]


def by_year(months: Sequence[Line]) -> list[tuple[str, dict[int, Decimal], Decimal]]:
    """Return (year, net by month, net of the year) of the latest three years; `earlier` has the rest."""
    years: dict[str, dict[int, Decimal]] = {}
    latest = sorted({line.label[:4] for line in months})[-YEARS_SHOWN:]
    for line in months:
        year, month = line.label[:4], int(line.label[5:])
        column = years.setdefault(year if year in latest else "earlier", {})
        column[month] = column.get(month, Decimal(0)) + line.net
    return [(year, column, sum(column.values(), Decimal(0))) for year, column in years.items()]


def write(page: str, path: Path) -> None:
    """Put the page in place in one step: a reader sees the old one or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}.new")
    try:
        fresh.write_text(page, encoding="utf-8")
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def summary(figures: Figures, now: datetime, max_age: timedelta) -> str:
    """Return the rankings by city and by country, net, as text; before them, what is wrong with them."""
    as_of = (
        f"data as of {german.moment(figures.as_of)} (Berlin)"
        if figures.as_of
        else "nothing read completely yet"
    )
    total = f"{german.euro(figures.total.net)} net, {german.count(figures.total.documents)} documents"
    head = f"revenue: {total}, {as_of}"
    cities = ranking("by city", figures.cities, TEXT_LINES)
    warnings = [f"{trouble.title} {trouble.text}" for trouble in freshness.troubles(figures, now, max_age)]
    return "\n\n".join([*warnings, head, cities, ranking("by country", figures.countries, TEXT_LINES)])


def ranking(title: str, lines: Sequence[Line], shown: int) -> str:
    """Return a ranking as lines of text, with the rest added up."""
    table = with_rest(lines, shown)
    amounts = [german.euro(line.net) for line in table]
    name_width = max([len(line.label) for line in table], default=0)
    amount_width = max([len(amount) for amount in amounts], default=0)
    body = [
        f"{place:>3}  {line.label:<{name_width}}  {line.country_code:<2}  {amount:>{amount_width}}"
        if place <= shown
        else f"{'':>3}  {line.label:<{name_width}}  {'':<2}  {amount:>{amount_width}}"
        for place, (line, amount) in enumerate(zip(table, amounts, strict=True), 1)
    ]
    return "\n".join([title, *body])
