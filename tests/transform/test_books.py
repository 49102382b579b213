"""A small firm's books of which every figure is known: revenue, receivables and payments on real models."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.helpers.raw_warehouse import note_extraction, write_raw
from tests.helpers.transform_project import Project

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.xdist_group("books")  # its tests share builds

READ_AT = "2026-06-30T12:00:00+00:00"
ORDER = {"id": "9", "objectName": "Order"}


def document(key: str, kind: str, net: str, **fields: Any) -> dict[str, Any]:
    """Write an invoice over a net amount and 19 % VAT, as sevDesk sends it."""
    tax = (Decimal(net) * 19 / 100).quantize(Decimal("0.01"))
    return {
        "id": key,
        "invoiceNumber": f"{kind}-{key}",
        "invoiceType": kind,
        "status": "200",
        "invoiceDate": "2026-03-01T00:00:00+01:00",
        "timeToPay": "14",
        "contact": {"id": "1", "objectName": "Contact"},
        "currency": "EUR",
        "sumNet": net,
        "sumTax": str(tax),
        "sumGross": str(Decimal(net) + tax),
        "taxRule": {"id": "1", "objectName": "TaxRule"},
    } | fields


def credit_note(key: str, net: str, **fields: Any) -> dict[str, Any]:
    written = document(key, "GU", net) | {
        "creditNoteNumber": f"GU-{key}",
        "creditNoteDate": "2026-04-01T00:00:00+02:00",
        "bookingCategory": "UNDERACHIEVEMENT",
    }
    return written | fields


def of(resource: str, key: str) -> dict[str, str]:
    return {"id": key, "objectName": resource}


BOOKS: dict[str, list[dict[str, Any]]] = {
    "contacts": [
        {"id": "1", "name": "Muster GmbH"},
        {"id": "2", "surename": "Eva", "familyname": "Beispiel", "parent": of("Contact", "1")},
    ],
    "invoices": [
        # an advance, its final invoice, and an advance that was cancelled
        document("1", "AR", "1000", origin=ORDER),
        document("2", "ER", "500", origin=ORDER, invoiceDate="2026-05-02T00:00:00+02:00"),
        document("3", "AR", "70", origin=ORDER, status="1000"),
        document("4", "SR", "-70", origin=of("Invoice", "3"), status="1000"),
        # 119 billed, 50 paid, 69 credited
        document("5", "RE", "100", status="750", paidAmount=50),
        # a contact person's, a stranger's and another stranger's
        document("6", "RE", "10", contact=of("Contact", "2"), deliveryDateUntil="2026-02-28T00:00:00+01:00"),
        document("7", "RE", "20", contact=None),
        document("8", "RE", "30", contact=None),
        document("9", "RE", "200", status="1000", paidAmount="238", payDate="2026-03-11T12:00:00+01:00"),
    ],
    "credit_notes": [
        credit_note("1", "57.98", sumTax="11.02", sumGross="69", refSrcInvoice=of("Invoice", "5")),
        credit_note("2", "40"),
        credit_note("3", "1000", refSrcVoucher=of("Voucher", "1")),
    ],
    "vouchers": [
        {
            "id": "1", "description": "B-1", "creditDebit": "D", "voucherType": "VOU", "status": "1000",
            "voucherDate": "2026-03-01T00:00:00+01:00", "supplierName": "Kiosk", "currency": "EUR",
            "sumNet": "5", "sumTax": "0.95", "sumGross": "5.95",
        },
    ],
    "check_account_transactions": [{"id": "1", "checkAccount": of("CheckAccount", "7"), "amount": "230"}],
    "check_account_transaction_logs": [
        {
            "id": "1", "checkAccountTransaction": of("CheckAccountTransaction", "1"), "amountPaid": 230,
            "bookingDate": "2026-03-11T12:00:00+01:00", "object": of("Invoice", "9"),
        },
        {
            "id": "2", "checkAccountTransaction": None, "amountPaid": 8,
            "bookingDate": "2026-04-01T12:00:00+02:00", "object": of("Invoice", "9"),
        },
    ],
}  # fmt: skip


def build(project: Project, variables: Mapping[str, Any]) -> Project:
    project.fresh_raw()
    for stream, records in BOOKS.items():
        write_raw(project.warehouse, stream, records, READ_AT)
        note_extraction(project.warehouse, stream, READ_AT, rows=len(records))
    result = project.build(variables)
    assert result.exit_code == 0, result.output
    return project


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Project:
    variables = {"advance_invoices_are_revenue": False}
    return build(Project(tmp_path_factory.mktemp("dbt")), variables)


def amounts(project: Project, column: str, numbers: str) -> list[Decimal]:
    rows = project.rows(
        f"select {column} from analytics.invoices_summary where number in ({numbers}) order by number"
    )
    return [row[0] for row in rows]


def test_an_advance_is_revenue_with_its_final_invoice(firm: Project) -> None:
    assert amounts(firm, "net_revenue_eur", "'AR-1', 'ER-2'") == [0, 1500]
    assert amounts(firm, "net_eur", "'AR-1', 'ER-2'") == [1000, 500]


def test_an_advance_and_its_cancellation_are_no_revenue(firm: Project) -> None:
    assert amounts(firm, "net_revenue_eur", "'AR-3', 'SR-4'") == [0, 0]


def test_the_amount_that_depends_on_the_open_reading_is_known(firm: Project) -> None:
    assert firm.rows(
        "select number, uncertain_net_eur, net_if_cumulative_eur from analytics.final_invoices"
    ) == [("ER-2", 1000, -500)]


def test_under_the_cumulative_reading_revenue_is_the_same_sum(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    variables = {"advance_invoices_are_revenue": False, "final_invoice_amounts": "cumulative"}
    final = next(record for record in BOOKS["invoices"] if record["id"] == "2")
    sums = {"sumNet": "1500", "sumTax": "285", "sumGross": "1785"}
    before = {name: final[name] for name in sums}
    final.update(sums)
    try:
        firm = build(Project(tmp_path_factory.mktemp("dbt")), variables)
    finally:
        final.update(before)
    assert amounts(firm, "net_revenue_eur", "'AR-1', 'ER-2'") == [0, 1500]
    assert amounts(firm, "net_eur", "'AR-1', 'ER-2'") == [1000, 500]
    assert firm.rows("select count(*) from analytics.final_invoices") == [(0,)]


def test_a_credit_note_is_set_against_its_invoice(firm: Project) -> None:
    assert amounts(firm, "open_eur", "'RE-5', 'GU-1'") == [0, 0]
    assert amounts(firm, "credited_eur", "'RE-5'") == [69]


def test_a_credit_note_of_no_invoice_stands_against_the_customer(firm: Project) -> None:
    assert amounts(firm, "open_eur", "'GU-2'") == [Decimal("-47.60")]
    rows = firm.rows(
        "select open_eur, credit_notes_eur, balance_eur, document_count"
        " from analytics.receivables_by_customer"
        " where customer_name = 'Muster GmbH'"
    )
    assert rows == [(Decimal("1796.90"), Decimal("-47.60"), Decimal("1749.30"), 4)]


def test_a_credit_note_of_a_voucher_lowers_no_invoice(firm: Project) -> None:
    assert amounts(firm, "net_eur", "'GU-3'") == []
    rows = firm.rows("select exclusion_reason from staging.int_documents where number = 'GU-3'")
    assert rows == [("credit note for a voucher, lowers no invoice",)]


def test_strangers_without_contact_and_name_are_not_one_customer(firm: Project) -> None:
    rows = firm.rows("select count(*) from analytics.customers_revenue where customer_name = 'Unknown'")
    assert rows == [(2,)]
    assert firm.rows("select document_count from analytics.customers_revenue where customer_id = '2'") == []


def test_vat_is_summed_by_the_month_of_the_service_too(firm: Project) -> None:
    rows = firm.rows(
        "select invoice_month, net_eur from analytics.invoices_tax where service_month = date '2026-02-01'"
    )
    assert [(str(month), net) for month, net in rows] == [("2026-03-01", 10)]
    assert firm.number("select sum(net_eur) from analytics.invoices_tax where is_advance") == 1000


def test_income_by_voucher_stands_beside_what_was_invoiced(firm: Project) -> None:
    assert firm.rows("select number, customer_name, gross_eur from analytics.income_vouchers") == [
        ("B-1", "Kiosk", Decimal("5.95"))
    ]


def test_money_received_is_kept_apart_from_what_was_written_off(firm: Project) -> None:
    assert firm.rows("select kind, amount_eur, check_account_id from analytics.payments order by 1") == [
        ("payment", 230, "7"),
        ("write_off", 8, None),
    ]
    months = firm.rows(
        "select received_eur, written_off_eur from analytics.cash_monthly order by payment_month"
    )
    assert months == [(230, 0), (0, 8)]


def test_years_before_the_start_date_are_partial(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEVDESK_START_DATE", "2026-04-15")
    firm = build(Project(tmp_path_factory.mktemp("dbt")), {})
    months = firm.rows(
        "select distinct invoice_month, is_partial_month from analytics.invoices_monthly order by 1"
    )
    assert [(str(month), partial) for month, partial in months] == [
        ("2026-03-01", True),
        ("2026-04-01", True),
        ("2026-05-01", False),
    ]
    years = firm.rows("select distinct is_partial_year from analytics.invoices_amount_by_country_yearly")
    assert years == [(True,)]
