"""The periods that can be chosen, and with what each is compared: always like with like.

A period that is still running is compared up to the same day only, never with a whole one.
"""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sevdesk_report.language import Language

MONTHS = 12
QUARTER = 3


@dataclass(frozen=True)
class Span:
    """Days from `first` to `last`, both included."""

    first: date
    last: date


@dataclass(frozen=True)
class Comparison:
    """The same stretch of two periods. `label` says of which."""

    label: str
    this: Span
    other: Span


@dataclass(frozen=True)
class Period:
    """One choice. `key` names it in the page's address; `span` is None for all days; `group` says where."""

    key: str
    group: str
    label: str
    span: Span | None
    comparisons: tuple[Comparison, ...] = ()


def periods(days: Iterable[date], today: date, language: Language) -> list[Period]:
    """Return the choices for documents of `days`; `today` is the calendar day to which data are complete."""
    months = sorted({day.replace(day=1) for day in days}, reverse=True)
    quarters = sorted({_quarter(month) for month in months}, reverse=True)
    years = sorted({month.year for month in months}, reverse=True)
    text = language.text
    year = _year(today.year)
    twelve = Span(_months_before(today, MONTHS - 1).replace(day=1), _month_end(today))
    fixed = [
        Period("all", "fixed", text("All time"), None, _running(today, language)),
        Period("year", "fixed", text("This year"), year, _compare(year, today, language, MONTHS)),
        Period(
            "last-year",
            "fixed",
            text("Last year"),
            _year(today.year - 1),
            _compare(_year(today.year - 1), today, language, MONTHS),
        ),
        Period(
            "12-months",
            "fixed",
            text("Last 12 months"),
            twelve,
            _compare(twelve, today, language, MONTHS),
        ),
    ]
    return [
        *fixed,
        *(
            Period(
                str(number),
                "year",
                str(number),
                _year(number),
                _compare(_year(number), today, language, MONTHS),
            )
            for number in years
        ),
        *(
            Period(
                f"{first.year}-q{first.month // QUARTER + 1}",
                "quarter",
                text("Q%(quarter)s %(year)s", quarter=first.month // QUARTER + 1, year=first.year),
                span := Span(first, _month_end(_months_before(first, -2))),
                _compare(span, today, language, MONTHS, QUARTER),
            )
            for first in quarters
        ),
        *(
            Period(
                f"{first:%Y-%m}",
                "month",
                language.month(first),
                span := Span(first, _month_end(first)),
                _compare(span, today, language, 1, MONTHS),
            )
            for first in months
        ),
    ]


def _running(today: date, language: Language) -> tuple[Comparison, ...]:
    """Return what all time is shown beside: this year and this month so far."""
    year, month = _year(today.year), Span(today.replace(day=1), _month_end(today))
    (of_year,) = _compare(year, today, language, MONTHS)
    of_months = _compare(month, today, language, 1, MONTHS)
    return (of_year, *of_months)


def _compare(span: Span, today: date, language: Language, *months: int) -> tuple[Comparison, ...]:
    """Return `span` up to `today` beside the same days so many `months` before; nothing if it is to come."""
    if span.first > today:
        return ()
    last = min(span.last, today)
    this = Span(span.first, last)
    return tuple(
        Comparison(
            _label(back, min(months), language),
            this,
            Span(_months_before(this.first, back), _months_before(last, back)),
        )
        for back in months
    )


def _label(back: int, length: int, language: Language) -> str:
    """Return with what a period of `length` months is compared that lies `back` months before it."""
    if back == 1:
        return language.text("against the month before")
    if length == 1:
        return language.text("against the same month of the year before")
    if back == QUARTER:
        return language.text("against the quarter before")
    if length == QUARTER:
        return language.text("against the same quarter of the year before")
    return language.text("against the year before")


def _months_before(day: date, months: int) -> date:
    """Return the same day so many months before; the last day of a month stays a last day."""
    number = day.year * MONTHS + day.month - 1 - months
    year, month = max(1, number // MONTHS), number % MONTHS + 1
    last = calendar.monthrange(year, month)[1]
    return date(year, month, last if day == _month_end(day) else min(day.day, last))


def _month_end(day: date) -> date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def _quarter(month: date) -> date:
    return month.replace(month=(month.month - 1) // QUARTER * QUARTER + 1)


def _year(number: int) -> Span:
    return Span(date(number, 1, 1), date(number, MONTHS, 31))
