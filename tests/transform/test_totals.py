"""The marts agree to the cent with figures computed by hand from the books, for several firms and moments."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sevdesk_sandbox import Sandbox

from tests.helpers.books_by_hand import CLAIMS, Document, counted, totals
from tests.helpers.tax_by_hand import by_tax_rate
from tests.helpers.transform_project import STREAMS, Project

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.xdist_group("totals")  # its tests share builds

AMOUNTS = ("net", "tax", "gross")


@dataclass(frozen=True)
class Firm:
    """A firm at a moment, how its sevDesk behaves, and how dbt is told to read it."""

    seed: int
    now: str
    switches: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)


FIRMS = {
    "as it comes": Firm(1, "2026-06-30T12:00:00+00:00"),
    "other signs, no city fields, the long October night": Firm(
        2,
        "2025-10-26T00:30:00+00:00",
        {"sr_sign": "positive", "credit_note_sign": "negative", "city": "missing", "unknown_fields": "on"},
    ),
    "cumulative final invoices, old bookkeeping system, New Year": Firm(
        3,
        "2025-12-31T23:30:00+00:00",
        {"final_sums": "cumulative", "system": "1.0"},
        {"final_invoice_amounts": "cumulative"},
    ),
}


@dataclass
class Computed:
    """The figures of a firm, computed both ways."""

    project: Project
    books: dict[str, list[dict[str, Any]]]
    documents: list[Document]

    def marts(self, query: str, keys: int) -> dict[Any, tuple[Any, ...]]:
        """Query a mart; the first columns are the key."""
        return {row[0] if keys == 1 else row[:keys]: row[keys:] for row in self.project.rows(query)}


@pytest.fixture(scope="module", params=FIRMS.values(), ids=list(FIRMS))
def computed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Computed:
    firm: Firm = request.param
    project = Project(tmp_path_factory.mktemp("dbt"))
    project.fresh_raw()
    with Sandbox(seed=firm.seed, now=firm.now, **firm.switches) as sandbox:
        project.read_completely(sandbox)
        books = {resource: list(sandbox.books.rows(resource)) for resource in STREAMS.values()}
    result = project.build(firm.variables)
    assert result.exit_code == 0, result.output
    cumulative = firm.variables.get("final_invoice_amounts") == "cumulative"
    return Computed(project, books, counted(books, cumulative=cumulative))


def test_summary_holds_each_document_with_its_amounts_place_and_state(computed: Computed) -> None:
    in_marts = computed.marts(
        "select document_id, document_type, invoice_date, net_eur, tax_eur, gross_eur, open_eur,"
        " cash_discount_eur, is_cancelled, country_code, city, customer_name from analytics.invoices_summary",
        keys=1,
    )
    by_hand = {
        d.id: (
            d.type,
            d.day,
            d.net,
            d.tax,
            d.gross,
            d.open,
            d.cash_discount,
            d.cancelled,
            d.country,
            d.city,
            d.customer,
        )
        for d in computed.documents
    }
    differing = {
        k: (in_marts.get(k), by_hand.get(k)) for k in in_marts | by_hand if in_marts.get(k) != by_hand.get(k)
    }
    assert not differing


def test_city_ranking(computed: Computed) -> None:
    in_marts = computed.marts(
        "select country_code, city, document_count, total_net_eur, total_gross_eur"
        " from analytics.invoices_amount_by_city",
        keys=2,
    )
    assert in_marts == totals(computed.documents, lambda d: (d.country, d.city), "net", "gross")


def test_places_of_the_city_ranking(computed: Computed) -> None:
    nets = {k: v[1] for k, v in totals(computed.documents, lambda d: (d.country, d.city), "net").items()}
    in_marts = computed.marts(
        "select country_code, city, rank_overall, rank_in_country from analytics.invoices_amount_by_city",
        keys=2,
    )
    assert in_marts == {
        (country, city): (
            1 + sum(other > net for other in nets.values()),
            1 + sum(other > net for (there, _), other in nets.items() if there == country),
        )
        for (country, city), net in nets.items()
    }


def test_country_ranking(computed: Computed) -> None:
    in_marts = computed.marts(
        "select country_code, document_count, total_net_eur, total_gross_eur"
        " from analytics.invoices_amount_by_country",
        keys=1,
    )
    assert in_marts == totals(computed.documents, lambda d: d.country, "net", "gross")


def test_rankings_of_each_year(computed: Computed) -> None:
    cities = computed.marts(
        "select invoice_year, country_code, city, document_count, total_net_eur, total_gross_eur"
        " from analytics.invoices_amount_by_city_yearly",
        keys=3,
    )
    countries = computed.marts(
        "select invoice_year, country_code, document_count, total_net_eur, total_gross_eur"
        " from analytics.invoices_amount_by_country_yearly",
        keys=2,
    )
    assert cities == totals(computed.documents, lambda d: (d.day.year, d.country, d.city), "net", "gross")
    assert countries == totals(computed.documents, lambda d: (d.day.year, d.country), "net", "gross")


def test_months_beside_those_of_the_year_before(computed: Computed) -> None:
    months = totals(computed.documents, lambda d: (d.month, d.country), *AMOUNTS)
    last = max(month for month, _ in months)
    nothing = (0, Decimal(0), Decimal(0), Decimal(0))
    later = {
        (month.replace(year=month.year + 1), country): value for (month, country), value in months.items()
    }
    expected = {
        key: months.get(key, nothing) + later.get(key, nothing)[1::2]
        for key in months | later
        if key[0] <= last
    }
    in_marts = computed.marts(
        "select invoice_month, country_code, document_count, total_net_eur, total_tax_eur, total_gross_eur,"
        " previous_year_net_eur, previous_year_gross_eur from analytics.invoices_monthly",
        keys=2,
    )
    assert in_marts == expected


def test_customers(computed: Computed) -> None:
    in_marts = computed.marts(
        "select customer_id, document_count, total_net_eur, total_gross_eur, open_eur, cash_discount_eur"
        " from analytics.customers_revenue",
        keys=1,
    )
    by_hand = totals(
        computed.documents,
        lambda d: d.customer_id,
        *("net", "gross", "open", "cash_discount"),
    )
    assert in_marts == by_hand


def test_receivables_by_age(computed: Computed) -> None:
    as_of = computed.project.rows(
        "select cast(max(data_as_of) + interval 1 hour as date) from analytics.receivables_ageing"
    )[0][0]
    ages: dict[str, Decimal] = defaultdict(Decimal)
    for document in computed.documents:
        late = (as_of - document.due).days if document.type in CLAIMS else 0
        names: dict[bool, str] = {
            late <= 0: "not due",
            0 < late <= 30: "1-30 days",
            30 < late <= 60: "31-60 days",
        }
        names |= {60 < late <= 90: "61-90 days", late > 90: "over 90 days"}
        if document.open:
            ages[names[True]] += document.open
    in_marts = computed.project.rows(
        "select bucket, sum(open_eur) from analytics.receivables_ageing group by bucket"
    )
    assert dict(in_marts) == ages


def test_receivables_by_customer(computed: Computed) -> None:
    owing: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for document in computed.documents:
        if document.open:
            owing[document.customer_id][document.type == "GU"] += document.open
    in_marts = computed.marts(
        "select customer_id, open_eur, credit_notes_eur from analytics.receivables_by_customer", keys=1
    )
    assert in_marts == {customer: tuple(amounts) for customer, amounts in owing.items()}


def test_proof_sheet_lists_every_document_and_counts_what_counts(computed: Computed) -> None:
    counted_ids = {d.id: d for d in computed.documents}
    expected: dict[tuple[Any, ...], list[Any]] = defaultdict(lambda: [0, Decimal(0), Decimal(0)])
    for record in computed.books["Invoice"] + computed.books["CreditNote"]:
        is_invoice = record["objectName"] == "Invoice"
        day = record["invoiceDate" if is_invoice else "creditNoteDate"][:7]
        document = counted_ids.get(f"{'invoice' if is_invoice else 'credit_note'}-{record['id']}")
        line = expected[
            day, record["invoiceType"] if is_invoice else "GU", record["status"], document is not None
        ]
        line[0] += 1
        line[1] += document.net if document else 0
        line[2] += document.gross if document else 0
    in_marts = computed.marts(
        "select strftime(invoice_month, '%Y-%m'), document_type, status, is_counted,"
        " cast(sum(document_count) as int), sum(counted_net_eur), sum(counted_gross_eur)"
        " from analytics.invoices_reconciliation group by all",
        keys=4,
    )
    assert in_marts == {key: tuple(line) for key, line in expected.items()}


def test_tax_by_rule_and_rate(computed: Computed) -> None:
    in_marts = computed.marts(
        "select invoice_month, tax_rule, tax_rate,"
        " cast(sum(document_count) as int), sum(net_eur), sum(tax_eur)"
        " from analytics.invoices_tax group by all",
        keys=3,
    )
    assert in_marts == by_tax_rate(computed.documents, computed.books)
