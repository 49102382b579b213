"""The page: one HTML file with its style, script and data inside, and nothing to fetch from elsewhere.

Without script it shows all time, complete. With script (page.js) every figure follows the chosen period.
"""

import base64
import hashlib
from datetime import date, datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from sevdesk_report import chart, pack
from sevdesk_report.language import BERLIN, UNITS, Language, language
from sevdesk_report.outside import LISTED_SHOWN, outside, reason
from sevdesk_report.pack import BUCKETS
from sevdesk_report.periods import MONTHS, QUARTER, Comparison, Period, periods
from sevdesk_report.problems import Problem, age, doubt, is_stale, problems, title
from sevdesk_report.ranking import (
    Line,
    add,
    added,
    by_city,
    by_country,
    by_customer,
    by_month,
    with_rest,
)
from sevdesk_report.reconciliation import reconciliation
from sevdesk_report.rows import ZERO, Document, Report
from sevdesk_report.words import script_words

DEMO_ACCOUNT = "1"  # the made-up firm of the sandbox
PLACES_SHOWN = 20
CUSTOMERS_SHOWN = 10
MONTHS_SHOWN = 24
MOST_MONTHS, MOST_QUARTERS = 36, 40  # bars of the chart
OWING_SHOWN = 20
SALES_DAYS = 90
RATES_MAX_AGE = timedelta(days=7)


def render(
    report: Report,
    *,
    now: datetime,
    max_age: timedelta,
    language_code: str = "de",
    company: str = "",
    stopped: str = "",
    spreadsheet: str = "invoices.xlsx",
) -> str:
    """Return the page of `report`.

    `now` is the instant it is made, aware; `max_age` how old its data may get before it says that it is out
    of date, which it goes on checking while it is open. `company` is the firm's name; `stopped` says why
    newer figures were not published, in the language of the page. `spreadsheet` links to the same figures as
    a file, "" to none.
    """
    words = language(language_code)
    wrong = problems(report, now, max_age, words)
    if stopped:
        ask = words.text("These are the figures of the update before. Ask whoever looks after the updates.")
        wrong.insert(0, Problem(words.text("Not updated."), ask, stopped))
    return _page(
        report, words, now=now, max_age=max_age, wrong=wrong, company=company, spreadsheet=spreadsheet
    )


def _page(
    report: Report,
    words: Language,
    *,
    now: datetime,
    max_age: timedelta,
    wrong: list[Problem],
    company: str,
    spreadsheet: str,
) -> str:
    """Return the page of `report` with the alarms `wrong`."""
    documents, status = report.documents, report.status
    today = (status.as_of or now).astimezone(BERLIN).date()
    choices = periods((document.date for document in documents), today, words)
    total = add(documents)
    style, script = asset("page.css"), bare(asset("page.js"))
    return _template(
        words
    ).render(
        words=words,
        code=words.code,
        style=Markup(style),  # noqa: S704 - our own files
        script=Markup(script),  # noqa: S704
        style_hash=content_hash(style),
        script_hash=content_hash(script),
        data=pack.compressed(payload(report, words, choices, today)),
        checked_until="" if _is_late(report, now, max_age) else _checked_until(report),
        max_age_seconds=int(max_age.total_seconds()),
        max_age=age(max_age, words),
        demo=status.account == DEMO_ACCOUNT,
        company=company,
        account=status.account,
        spreadsheet=spreadsheet,
        problems=wrong,
        now=now,
        status=status,
        old_rates=_old_rates(report, today),
        total=total,
        documents=documents,
        overdue=sum((document.open for document in documents if document.days_overdue > 0), ZERO),
        span=(documents[-1].date, documents[0].date) if documents else None,
        comparisons=[_compared(documents, each) for each in choices[0].comparisons],
        choices={
            name: [each for each in choices if each.group == name]
            for name in ("fixed", "year", "quarter", "month")
        },
        cities=with_rest(by_city(documents, words), PLACES_SHOWN, words),
        countries=with_rest(by_country(documents, words), PLACES_SHOWN, words),
        customers=with_rest(by_customer(documents, words), CUSTOMERS_SHOWN, words),
        places_shown=PLACES_SHOWN,
        customers_shown=CUSTOMERS_SHOWN,
        months=[_named(line, words) for line in reversed(by_month(documents))][:MONTHS_SHOWN],
        years=_by_year(documents),
        chart=chart.chart(over_time(documents)),
        buckets=_buckets(documents, words),
        owing=sorted(report.receivables, key=lambda each: (-each.open, each.customer))[:OWING_SHOWN],
        owing_all=len(report.receivables),
        sales_days=_sales_days(documents, today),
        outside=outside(report, words),
        listed_shown=LISTED_SHOWN,
        reconciliation=reconciliation(report.listed, words),
        streams=[
            (title(each.name, words), each, doubt(each, words), is_stale(each, now, max_age))
            for each in report.streams
            if each.needed
        ],
        unneeded=[
            title(each.name, words) for each in report.streams if not each.needed and not each.complete
        ],
        positive=_positive,
        reason=lambda question: reason(question, words),
    )


def payload(report: Report, words: Language, choices: list[Period], today: date) -> dict[str, Any]:
    """Return all that the script needs; days are numbers since 1970, amounts cents."""
    number = pack.day_number
    lines = outside(report, words)
    beside = [
        *(net for line in lines for _, _, net in line.dated if net is not None),
        *(value for each in report.receivables for value in (each.open, each.credit_notes, each.balance)),
    ]
    return {
        "docs": pack.pack(report.documents, words, beside),
        "today": number(today),
        "since": number(report.status.complete_since) if report.status.complete_since else None,
        "periods": [
            [
                each.key,
                each.label,
                number(each.span.first) if each.span else None,
                number(each.span.last) if each.span else None,
                [
                    [c.label, *(number(d) for span in (c.this, c.other) for d in (span.first, span.last))]
                    for c in each.comparisons
                ],
            ]
            for each in choices
        ],
        "owed": [
            [
                each.customer_id,
                each.customer,
                *(str(pack.cents(value)) for value in (each.credit_notes, each.balance)),
                None if each.days_to_pay is None else round(each.days_to_pay),
                *(str(pack.cents(value)) for value in (each.open, each.overdue)),
            ]
            for each in report.receivables
        ],
        "outside": [
            [
                line.key,
                [
                    [number(day) if day else None, n, None if net is None else str(pack.cents(net))]
                    for day, n, net in line.dated
                ],
            ]
            for line in lines
        ],
        "words": script_words(words),
        "months": words.month_names("abbreviated"),
        "language": words.code,
        "units": UNITS[words.code],
        "buckets": [words.text(name) for name in BUCKETS],
        "shown": [PLACES_SHOWN, CUSTOMERS_SHOWN, OWING_SHOWN],
    }


def content_hash(text: str) -> str:
    """Return `text` as the Content-Security-Policy names it."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def asset(name: str) -> str:
    """Return a file beside this module."""
    return files("sevdesk_report").joinpath(name).read_text(encoding="utf-8")


def bare(script: str) -> str:
    """Return the script without indentation and lines that are comments: a fifth of its size."""
    lines = (line.strip() for line in script.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//")) + "\n"


def over_time(documents: list[Document]) -> list[Line]:
    """Return the lines of the chart: months, or quarters or years where there would be too many bars."""
    months = by_month(documents)
    if not months:
        return []
    of = [int(line.key[:4]) * MONTHS + int(line.key[5:]) - 1 for line in months]
    length = of[-1] - of[0] + 1
    size = 1 if length <= MOST_MONTHS else QUARTER if length <= MOST_QUARTERS * QUARTER else MONTHS
    groups: dict[int, list[Line]] = {number: [] for number in range(of[0] // size, of[-1] // size + 1)}
    for number, line in zip(of, months, strict=True):
        groups[number // size].append(line)
    return [added(lines, _unit(number, size)) for number, lines in groups.items()]


def _unit(number: int, size: int) -> str:
    """Return `2026-06`, `2026-Q2` or `2026`: the unit of `size` months with this number."""
    year, part = divmod(number, MONTHS // size)
    return f"{year:04}" + {1: f"-{part + 1:02}", QUARTER: f"-Q{part + 1}"}.get(size, "")


def _template(words: Language) -> Template:
    environment = Environment(
        loader=PackageLoader("sevdesk_report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(words.messages, newstyle=True)  # type: ignore[attr-defined]
    environment.filters.update(
        euro=words.euro,
        amount=words.amount,
        count=words.count,
        short=words.short,
        moment=words.moment,
        day=words.day,
        percent=words.percent,
    )
    return environment.get_template("page.html.j2")


def _compared(
    documents: list[Document], comparison: Comparison
) -> tuple[Comparison, Decimal, Decimal, Decimal | None]:
    """Return the comparison, both sums, and the change in percent; None where percent would say nothing."""
    this, other = (
        sum((d.net for d in documents if span.first <= d.date <= span.last), ZERO)
        for span in (comparison.this, comparison.other)
    )
    return comparison, this, other, 100 * (this - other) / other if other > 0 else None


def _named(line: Line, words: Language) -> Line:
    """Return the line of a month with the month's name for a label."""
    day = date.fromisoformat(f"{line.key}-01")
    return Line(line.key, words.month(day), "", line.documents, line.net, line.gross, line.open)


def _by_year(documents: list[Document]) -> list[Line]:
    """Return a line for each year, the latest first."""
    groups: dict[int, list[Document]] = {}
    for document in documents:
        groups.setdefault(document.date.year, []).append(document)
    return [add(group, str(year), str(year)) for year, group in sorted(groups.items(), reverse=True)]


def _buckets(documents: list[Document], words: Language) -> list[Line]:
    """Return what is open by days overdue."""
    return [
        add((d for d in documents if d.bucket == number), str(number), words.text(name))
        for number, name in enumerate(BUCKETS)
        if number
    ]


def _sales_days(documents: list[Document], today: date) -> int | None:
    """Return days sales outstanding: what is open, in days of the gross sales of the last 90 days."""
    since = today - timedelta(days=SALES_DAYS - 1)
    sales = sum((d.gross for d in documents if since <= d.date <= today), ZERO)
    still_open = sum((d.open for d in documents), ZERO)
    return round(SALES_DAYS * still_open / sales) if sales > 0 else None


def _old_rates(report: Report, today: date) -> date | None:
    """Return the day of the latest exchange rate if it is too long ago for the documents that need one."""
    day = report.status.rates_as_of
    return day if day and report.status.foreign and today - day > RATES_MAX_AGE else None


def _is_late(report: Report, now: datetime, max_age: timedelta) -> bool:
    """Whether the page says that it is out of date from the beginning, so that its script need not."""
    return any(is_stale(stream, now, max_age) for stream in report.streams if stream.needed)


def _checked_until(report: Report) -> str:
    """Return until when all lists that the figures need were read, as ISO 8601, "" if unknown."""
    reads = [stream.as_of for stream in report.streams if stream.needed]
    known = [read for read in reads if read]
    return min(known).isoformat() if known and len(known) == len(reads) else ""


def _positive(part: Decimal, largest: Decimal) -> str:
    """Return a part of the largest as a width in percent, 0 for negative ones."""
    return f"{100 * part / largest:.2f}" if part > 0 and largest > 0 else "0"
