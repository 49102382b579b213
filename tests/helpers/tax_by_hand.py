"""Documents divided by the tax rates of their lines, in plain Python: the second computation's tax table."""

from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tests.helpers.places_by_hand import reference

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tests.helpers.books_by_hand import Document


def by_tax_rate(
    documents: Iterable[Document], books: Mapping[str, Sequence[Mapping[str, Any]]]
) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Return number, net and tax by month, tax rule and rate."""
    lines: dict[str, dict[Decimal, list[Fraction]]] = defaultdict(lambda: defaultdict(list))
    for resource, parent, prefix in (
        ("InvoicePos", "invoice", "invoice-"),
        ("CreditNotePos", "creditNote", "credit_note-"),
    ):
        for line in books[resource]:
            count, price, less = (_exact(line[name] or 0) for name in ("quantity", "priceNet", "sumDiscount"))
            worth = count * price - less
            lines[prefix + reference(line, parent)][Decimal(line["taxRate"])].append(worth)
    table: dict[tuple[Any, ...], list[Any]] = defaultdict(lambda: [0, Decimal(0), Decimal(0)])
    for document in documents:
        for rate, net, tax in _parts(document, lines[document.id]):
            row = table[document.month, document.tax_rule, rate]
            row[0] += 1
            row[1] += net
            row[2] += tax
    return {key: tuple(row) for key, row in table.items()}


def _parts(
    document: Document, lines: Mapping[Decimal, Sequence[Fraction]]
) -> Iterable[tuple[Decimal | None, Decimal, Decimal]]:
    """Give each rate what its lines come to if that is the document; the largest takes what rounding leaves.

    Else (a discount on the whole, another currency) divide net as the lines' net and tax as the lines' tax.
    """
    if not lines:
        return [(None, document.net, document.tax)]
    weights = {rate: sum(worths, Fraction()) for rate, worths in lines.items()}
    largest, *others = sorted(weights, key=lambda rate: (weights[rate], rate), reverse=True)
    nets = sum(weights.values())
    taxes = sum(weight * Fraction(rate) for rate, weight in weights.items())
    sign = 1 if (document.net < 0) == (nets < 0) else -1
    for own in (
        {rate: sum((sign * _cents(worth) for worth in worths), Decimal(0)) for rate, worths in lines.items()},
        {rate: sign * _cents(weight) for rate, weight in weights.items()},
    ):
        tax = {rate: _cents(Fraction(net * rate) / 100) for rate, net in own.items()}
        if document.record["currency"] == "EUR" and (document.net, document.tax) == (
            sum(own.values()),
            sum(tax.values()),
        ):
            return [(rate, own[rate], tax[rate]) for rate in lines]
    parts = [
        (
            rate,
            _cents(Fraction(document.net) * weights[rate] / nets) if nets else Decimal(0),
            _cents(Fraction(document.tax) * weights[rate] * Fraction(rate) / taxes) if taxes else Decimal(0),
        )
        for rate in others
    ]
    rest = (document.net - sum(p[1] for p in parts), document.tax - sum(p[2] for p in parts))
    return [(largest, *rest), *parts]


def _exact(value: Any) -> Fraction:
    """Read an amount as it was sent: text, a number, or true for 1."""
    return Fraction(int(value)) if isinstance(value, bool) else Fraction(str(value))


def _cents(amount: Fraction) -> Decimal:
    return (Decimal(amount.numerator) / Decimal(amount.denominator)).quantize(Decimal("0.01"), ROUND_HALF_UP)
