"""What sevDesk lists beside what of it is in the total, by type and status and by year."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from sevdesk_report.language import Language
from sevdesk_report.outside import REASONS
from sevdesk_report.rows import ZERO, Listed

YEARS_SHOWN = 3
DELETED = "deleted in sevDesk"  # the reason that int_documents gives
CREDIT_NOTE = "GU"
TYPES = {
    "RE": "Invoice",
    "TR": "Partial invoice",
    "AR": "Advance invoice",
    "ER": "Final invoice",
    "SR": "Cancellation",
    CREDIT_NOTE: "Credit note",
    "MA": "Reminder",
    "WKR": "Recurring invoice",
}
STATUSES = {
    "50": "Deactivated",
    "100": "Draft",
    "200": "Open",
    "750": "Partly paid",
    "1000": "Paid",
}


@dataclass(frozen=True)
class Sum:
    """Listed documents under one heading, added up; `counted` of them are in the total."""

    title: str
    reason: str = ""
    documents: int = 0
    net: Decimal = ZERO
    gross: Decimal = ZERO
    counted: int = 0
    counted_net: Decimal = ZERO
    counted_gross: Decimal = ZERO


@dataclass(frozen=True)
class Group:
    """Kinds of documents under a heading, with their sum."""

    total: Sum
    kinds: list[Sum]


@dataclass(frozen=True)
class Reconciliation:
    """The sheet. `deleted` are no longer in sevDesk's lists, so they are in no other part of it."""

    groups: list[Group]
    years: list[Sum]
    total: Sum
    deleted: Sum


def reconciliation(listed: Iterable[Listed], words: Language) -> Reconciliation:
    """Lay out the reconciliation: all years by type and status; then each of the latest three years."""
    listed = list(listed)
    present = [line for line in listed if line.reason != DELETED]
    parts = {
        words.text("Counted"): [line for line in present if not line.reason],
        words.text("Not counted"): [line for line in present if line.reason],
    }
    return Reconciliation(
        groups=[Group(add(lines, title), _by_type(lines, words)) for title, lines in parts.items() if lines],
        years=_by_year(present, words),
        total=add(present, words.text("All listed")),
        deleted=add((line for line in listed if line.reason == DELETED), ""),
    )


def add(lines: Iterable[Listed], title: str, reason: str = "") -> Sum:
    """Return the sum of `lines`."""
    lines = list(lines)
    return Sum(
        title=title,
        reason=reason,
        documents=sum(line.documents for line in lines),
        net=sum((line.net for line in lines), ZERO),
        gross=sum((line.gross for line in lines), ZERO),
        counted=sum(line.counted for line in lines),
        counted_net=sum((line.counted_net for line in lines), ZERO),
        counted_gross=sum((line.counted_gross for line in lines), ZERO),
    )


def _by_type(lines: list[Listed], words: Language) -> list[Sum]:
    """Return a line for each type, status and reason, in the order of sevDesk's menus."""
    kinds: dict[Listed, list[Listed]] = {}
    for line in lines:
        kind = replace(Listed(), code=line.code, type=line.type, status=line.status, reason=line.reason)
        kinds.setdefault(replace(kind, status_name=line.status_name), []).append(line)
    codes = list(TYPES)

    def place(kind: Listed) -> tuple[int, str, str, str]:
        known = codes.index(kind.code) if kind.code in codes else len(codes)
        return known, kind.code, kind.status.zfill(4), kind.reason

    return [
        add(
            kinds[kind],
            f"{_word(TYPES, kind.code, kind.type, words)} · "
            f"{_word(STATUSES, kind.status, kind.status_name, words)}",
            words.text(REASONS.get(kind.reason, kind.reason)),
        )
        for kind in sorted(kinds, key=place)
    ]


def _by_year(lines: list[Listed], words: Language) -> list[Sum]:
    """Return two lines for each year, invoices and credit notes, as sevDesk has a list of each."""
    latest = sorted({line.month.year for line in lines if line.month}, reverse=True)[:YEARS_SHOWN]
    years: dict[tuple[int, bool], list[Listed]] = {}
    for line in lines:
        year = line.month.year if line.month else 0
        years.setdefault((year if year in latest or not year else -1, line.code == CREDIT_NOTE), []).append(
            line
        )
    names = {0: words.text("no date"), -1: words.text("earlier")}
    lists = {False: words.text("Invoices"), True: words.text("Credit notes")}
    return [
        add(years[year, credit_notes], f"{names.get(year, str(year))}, {lists[credit_notes]}")
        for year, credit_notes in sorted(years, key=lambda key: (-key[0], key[1]))
    ]


def _word(known: dict[str, str], code: str, name: str, words: Language) -> str:
    return words.text(known[code]) if code in known else name or code
