"""Documents added up by place, customer and month; and the rankings as text for a log."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sevdesk_report.language import Language, english
from sevdesk_report.places import city_name, country_name, customer_name
from sevdesk_report.problems import problems
from sevdesk_report.rows import ZERO, Document, Report

TEXT_LINES = 10


@dataclass(frozen=True)
class Line:
    """One line of a ranking; `key` identifies it, amounts in euros."""

    key: str
    label: str
    country_code: str
    documents: int
    net: Decimal
    gross: Decimal
    open: Decimal


def add(documents: Iterable[Document], key: str = "", label: str = "", country_code: str = "") -> Line:
    """Return the sum of `documents` as one line."""
    count, net, gross, still_open = 0, ZERO, ZERO, ZERO
    for document in documents:
        count += 1
        net += document.net
        gross += document.gross
        still_open += document.open
    return Line(key, label, country_code, count, net, gross, still_open)


def added(lines: Iterable[Line], label: str) -> Line:
    """Return the sum of `lines` as one line."""
    lines = list(lines)
    return Line(
        "",
        label,
        "",
        sum(line.documents for line in lines),
        sum((line.net for line in lines), ZERO),
        sum((line.gross for line in lines), ZERO),
        sum((line.open for line in lines), ZERO),
    )


def by_city(documents: Iterable[Document], words: Language) -> list[Line]:
    """Return the cities, the largest net first; a city is one of a country."""
    return _ranked(
        documents,
        lambda document: f"{document.country_code}/{document.city}",
        lambda document: (city_name(document.city, words), document.country_code),
    )


def by_country(documents: Iterable[Document], words: Language) -> list[Line]:
    """Return the countries, the largest net first."""
    return _ranked(
        documents,
        lambda document: document.country_code,
        lambda document: (
            country_name(document.country_code, document.country, words),
            document.country_code,
        ),
    )


def by_customer(documents: Iterable[Document], words: Language) -> list[Line]:
    """Return the customers, the largest net first."""
    return _ranked(
        documents,
        lambda document: document.customer_id,
        lambda document: (customer_name(document.customer, words), ""),
    )


def by_month(documents: Iterable[Document]) -> list[Line]:
    """Return the months that have documents, in order; the label is `2026-06`."""
    groups: dict[str, list[Document]] = {}
    for document in documents:
        groups.setdefault(f"{document.date.year:04}-{document.date.month:02}", []).append(document)
    return [add(group, month, month) for month, group in sorted(groups.items())]


def _ranked(
    documents: Iterable[Document],
    key: Callable[[Document], str],
    name: Callable[[Document], tuple[str, str]],
) -> list[Line]:
    groups: dict[str, list[Document]] = {}
    for document in documents:
        groups.setdefault(key(document), []).append(document)
    lines = [add(group, found, *name(group[0])) for found, group in groups.items()]
    return sorted(lines, key=lambda line: (-line.net, line.label, line.country_code))


def with_rest(lines: Sequence[Line], shown: int, words: Language) -> list[Line]:
    """Return the first `shown` lines and, when there are more, one that adds up the rest."""
    rest = lines[shown:]
    if not rest:
        return list(lines)
    return [*lines[:shown], added(rest, words.plural("%(number)s other", "%(number)s others", len(rest)))]


def summary(report: Report, now: datetime, max_age: timedelta) -> str:
    """Return the rankings by city and by country, net, as English text; before them, what is wrong with them.

    `now` is an aware instant, `max_age` how old the data may get.
    """
    as_of = report.status.as_of
    read = f"data as of {english.moment(as_of)} (Berlin)" if as_of else "nothing read completely yet"
    total = add(report.documents)
    documents = english.plural("%(number)s document", "%(number)s documents", total.documents)
    return "\n\n".join(
        [
            *(f"{problem.title} {problem.text}" for problem in problems(report, now, max_age, english)),
            f"Invoiced amount, net: {english.euro(total.net)}, {documents}, {read}",
            _table("by city", by_city(report.documents, english)),
            _table("by country", by_country(report.documents, english)),
        ]
    )


def _table(title: str, lines: Sequence[Line]) -> str:
    """Return the first lines as a table of text, with the rest added up."""
    table = with_rest(lines, TEXT_LINES, english)
    amounts = [english.euro(line.net) for line in table]
    name_width = max([len(line.label) for line in table], default=0)
    amount_width = max([len(amount) for amount in amounts], default=0)
    body = [
        f"{place if place <= TEXT_LINES else '':>3}  {line.label:<{name_width}}  {line.country_code:<2}  "
        f"{amount:>{amount_width}}"
        for place, (line, amount) in enumerate(zip(table, amounts, strict=True), 1)
    ]
    return "\n".join([title, *body])
