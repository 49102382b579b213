"""The proof sheet: what sevDesk lists beside what of it counts, by type and status and by year."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

YEARS_SHOWN = 3
DELETED = "deleted in sevDesk"  # the reason that int_documents gives
CREDIT_NOTE = "GU"
TYPES = ("RE", "TR", "AR", "ER", "SR", CREDIT_NOTE, "MA", "WKR")
ZERO = Decimal(0)


@dataclass(frozen=True)
class Kind:
    """What documents have in common: sevDesk's codes and their names in German; `year` 2026.

    `reason` says why they do not count, empty if they do. `year` is empty for drafts without a date.
    """

    year: str = ""
    code: str = ""
    type: str = ""
    status: str = ""
    status_name: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Listed:
    """How many documents of a kind and how much sevDesk lists, and what of it enters the figures.

    Amounts in home currency; the listed ones with the signs that sevDesk sends, the counted ones with those
    of revenue.
    """

    kind: Kind = Kind()
    documents: int = 0
    net: Decimal = ZERO
    gross: Decimal = ZERO
    counted_documents: int = 0
    counted_net: Decimal = ZERO
    counted_gross: Decimal = ZERO


@dataclass(frozen=True)
class Group:
    """Kinds of documents under a heading, with their sum."""

    title: str
    total: Listed
    kinds: list[Listed]


@dataclass(frozen=True)
class Proof:
    """The sheet. `deleted` are no longer in sevDesk's lists, so they are in no other part of it."""

    groups: list[Group]
    years: list[Listed]
    total: Listed
    deleted: Listed


def proof(listed: Iterable[Listed]) -> Proof:
    """Lay out the reconciliation: all years by type and status; then each of the latest three years."""
    listed = list(listed)
    present = [line for line in listed if line.kind.reason != DELETED]
    parts = {
        "Counted": [line for line in present if not line.kind.reason],
        "Not counted": [line for line in present if line.kind.reason],
    }
    return Proof(
        groups=[Group(title, add_listed(lines), _by_type(lines)) for title, lines in parts.items() if lines],
        years=_by_year(present),
        total=add_listed(present),
        deleted=add_listed(line for line in listed if line.kind.reason == DELETED),
    )


def add_listed(lines: Iterable[Listed], kind: Kind = Kind()) -> Listed:
    """Return the sum of `lines` as one line."""
    lines = list(lines)
    return Listed(
        kind=kind,
        documents=sum(line.documents for line in lines),
        net=sum((line.net for line in lines), ZERO),
        gross=sum((line.gross for line in lines), ZERO),
        counted_documents=sum(line.counted_documents for line in lines),
        counted_net=sum((line.counted_net for line in lines), ZERO),
        counted_gross=sum((line.counted_gross for line in lines), ZERO),
    )


def _by_type(lines: list[Listed]) -> list[Listed]:
    """Return a line for each type, status and reason, in the order of sevDesk's menus."""

    def place(line: Listed) -> tuple[int, str, str, str]:
        code = line.kind.code
        return (
            TYPES.index(code) if code in TYPES else len(TYPES),
            code,
            line.kind.status.zfill(4),
            line.kind.reason,
        )

    return sorted(_added((replace(line.kind, year=""), line) for line in lines), key=place)


def _by_year(lines: list[Listed]) -> list[Listed]:
    """Return two lines for each year, invoices and credit notes, as sevDesk has a list of each."""
    latest = sorted({line.kind.year for line in lines if line.kind.year})[-YEARS_SHOWN:]
    years = ["", "earlier", *latest]

    def kind(line: Listed) -> Kind:
        year = line.kind.year
        return Kind(
            year=year if year in latest or not year else "earlier",
            type="credit notes" if line.kind.code == CREDIT_NOTE else "invoices",
        )

    return sorted(
        _added((kind(line), line) for line in lines),
        key=lambda line: (years.index(line.kind.year), line.kind.type != "invoices"),
    )


def _added(lines: Iterable[tuple[Kind, Listed]]) -> list[Listed]:
    """Return the sum of the lines of each kind."""
    kinds: dict[Kind, list[Listed]] = {}
    for kind, line in lines:
        kinds.setdefault(kind, []).append(line)
    return [add_listed(members, kind) for kind, members in kinds.items()]
