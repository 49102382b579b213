"""Extremes are ordinary: the real models over documents of any size and date, to the cent."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some

from tests.helpers.few_documents import MONDAY, invoice, taken_from
from tests.helpers.raw_warehouse import note_extraction, write_rates, write_raw
from tests.helpers.transform_project import Project

if TYPE_CHECKING:
    from collections.abc import Iterable

EXACT = Context(prec=100, rounding=ROUND_HALF_UP)
CENT = Decimal("0.01")
CITIES = ("Ulm", "Jena", "Kiel")


def cents(low: int, high: int) -> some.SearchStrategy[Decimal]:
    """Amounts between two numbers of cents, the ends often."""
    return some.one_of(some.sampled_from([low, high, 0, 1, -1]), some.integers(low, high)).map(
        lambda number: Decimal(number).scaleb(-2)
    )


@some.composite
def documents(draw: some.DrawFn) -> dict[str, Any]:
    """Return an invoice of up to ten million millions, with a line that need not fit it."""
    net, tax = draw(cents(-(10**15), 10**15)), draw(cents(-(10**14), 10**14))
    return {
        "net": net,
        "tax": tax,
        "day": draw(some.dates(date(1900, 1, 1), date(2200, 12, 31))),
        "rate": draw(
            some.one_of(some.none(), some.integers(1_000, 10**9).map(lambda n: Decimal(n).scaleb(-4)))
        ),
        "term": draw(some.integers(0, 2_000_000_000)),
        "city": draw(some.sampled_from(CITIES)),
        "customer": draw(some.integers(1, 20_000)),
        "quantity": draw(cents(-(10**11), 10**11)),
        "price": draw(cents(-(10**15), 10**15)),
        "tax_rate": draw(some.sampled_from(["0", "7", "19", "x", "100"])),
    }


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(tmp_path_factory.mktemp("dbt"))


def load(project: Project, found: list[dict[str, Any]]) -> None:
    """Write the documents, two lines of each and a rate for each foreign one into raw."""
    project.fresh_raw()
    invoices, positions, rates = [], [], {}
    for number, one in enumerate(found):
        foreign = one["rate"] is not None
        invoices.append(
            invoice(
                str(number),
                sumNet=str(one["net"]),
                sumTax=str(one["tax"]),
                sumGross=str(EXACT.add(one["net"], one["tax"])),
                invoiceDate=f"{one['day']}T00:00:00+01:00",
                timeToPay=str(one["term"]),
                addressCity=one["city"],
                currency=f"X{number:03}" if foreign else "EUR",
                contact=taken_from("Contact", str(one["customer"])),
            )
        )
        for line, tax_rate in enumerate((one["tax_rate"], "16")):
            positions.append(
                {
                    "id": f"{number}{line}",
                    "invoice": taken_from("Invoice", str(number)),
                    "quantity": str(one["quantity"]),
                    "priceNet": str(one["price"] if line == 0 else 1),
                    "taxRate": tax_rate,
                }
            )
        if foreign:
            rates[one["day"].isoformat(), f"X{number:03}"] = str(one["rate"])
    write_raw(project.warehouse, "invoices", invoices, MONDAY)
    write_raw(project.warehouse, "invoice_positions", positions, MONDAY)
    write_rates(project.warehouse, [(day, currency, rate) for (day, currency), rate in rates.items()])
    for stream, rows in (
        ("invoices", len(invoices)),
        ("invoice_positions", len(positions)),
        ("credit_notes", 0),
    ):
        note_extraction(project.warehouse, stream, MONDAY, rows=rows)


def in_euros(one: dict[str, Any]) -> tuple[Decimal, Decimal]:
    """Return net and gross, by the school's division."""
    net, gross = one["net"], EXACT.add(one["net"], one["tax"])
    if one["rate"] is None or net == gross == 0:
        return net, gross
    return tuple(EXACT.divide(amount, one["rate"]).quantize(CENT, context=EXACT) for amount in (net, gross))  # type: ignore[return-value]


def total(amounts: Iterable[Decimal]) -> Decimal:
    """Return the exact sum."""
    result = Decimal(0)
    for amount in amounts:
        result = EXACT.add(result, amount)
    return result


@settings(
    max_examples=2,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(some.lists(documents(), min_size=40, max_size=60))
def test_any_documents_are_summed_converted_divided_and_split_to_the_cent(
    project: Project, found: list[dict[str, Any]]
) -> None:
    load(project, found)

    result = project.build()

    assert result.exit_code == 0, result.output
    expected = [in_euros(one) for one in found]
    in_marts = project.rows(
        "select sevdesk_id, net_eur, gross_eur from analytics.invoices_summary"
        " order by cast(sevdesk_id as int)"
    )
    assert in_marts == [(str(n), *amounts) for n, amounts in enumerate(expected)]
    assert project.rows("select sum(net_eur) from analytics.invoices_tax") == [
        (total(n for n, _ in expected),)
    ]
    by_city: dict[str, list[Decimal]] = defaultdict(list)
    for one, (net, _) in zip(found, expected, strict=True):
        by_city[one["city"]].append(net)
    whole = total(n for n, _ in expected)
    shares = {
        city: (
            total(nets),
            EXACT.divide(100 * total(nets), whole).quantize(CENT, context=EXACT) if whole else None,
        )
        for city, nets in by_city.items()
    }
    cities = project.rows("select city, total_net_eur, share_pct from analytics.invoices_amount_by_city")
    assert {city: (net, share) for city, net, share in cities} == shares
