"""More documents whose amounts are not what they seem at first sight, each with the answer by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.helpers.few_documents import credit_note, invoice, taken_from
from tests.helpers.hard_cases import (
    EARLIER,
    USD,
    VOUCHER,
    Built,
    amounts,
    booked,
    crediting,
    in_question,
    named,
    of_documents,
    of_order,
    read_as_cumulative,
)
from tests.helpers.raw_warehouse import write_raw
from tests.helpers.transform_project import Project

pytestmark = pytest.mark.xdist_group("more_hard_cases")  # its tests share builds

PARTLY_PAID = {"status": "750", "paidAmount": "50"}
PAID = {"status": "1000", "paidAmount": "119"}


def of_customer(number: str) -> dict[str, Any]:
    return {"contact": taken_from("Contact", number)}


def cancelling(number: str, gross: str, resource: str = "Invoice", **changes: Any) -> dict[str, Any]:
    """Return what makes an invoice an SR of another document."""
    plain = {"invoiceType": "SR", "status": "1000", "sumNet": gross, "sumGross": gross}
    return plain | {"origin": taken_from(resource, number)} | changes


def in_dollars(net: str, gross: str) -> dict[str, Any]:
    return USD | {"sumTax": "0", "sumNetForeignCurrency": net, "sumGrossForeignCurrency": gross}


INVOICES = [
    # cancelled by an SR: partly paid, paid, not paid, paid back on the SR, and one owed to the customer
    invoice("201", **PARTLY_PAID, **of_customer("20")),
    invoice("202", **cancelling("201", "-119"), **of_customer("20")),
    invoice("203", **PAID),
    invoice("204", **cancelling("203", "-119")),
    invoice("205", status="1000"),
    invoice("206", **cancelling("205", "-119")),
    invoice("207", **PARTLY_PAID),
    invoice("208", **cancelling("207", "-119", paidAmount="-50")),
    invoice("209", "-100", status="1000", paidAmount="-100"),
    invoice("210", **cancelling("209", "100")),
    # credited in another currency beyond the invoice
    invoice("211", "100"),
    invoice("212", "100"),
    # credited in part and closed with Skonto, or the other way round
    invoice("213", status="1000", paidAmount="98"),
    invoice("214", status="1000", paidAmount="116.62"),
    invoice("215", status="1000", paidAmount="100"),
    invoice("216", status="750", paidAmount="98"),
    # more paid than billed, and all of it credited
    invoice("217", status="750", paidAmount="125"),
    # the credit note was itself cancelled by an SR
    invoice("221"),
    invoice("222", **cancelling("221", "-69", "CreditNote")),
    invoice("223", **PAID),
    invoice("224", **cancelling("223", "119", "CreditNote")),
    invoice("225", **cancelling("225", "-10", "CreditNote")),
    # an advance, its final invoice that a credit note cancels, and the one that takes its place
    invoice("231", "300", invoiceType="AR", invoiceDate=EARLIER, **of_order("31")),
    invoice("232", "1000", invoiceType="ER", **of_order("31")),
    invoice("233", "1100", invoiceType="ER", invoiceDate="2026-05-20T00:00:00+02:00", **of_order("31")),
    # a final invoice that names no order, of a customer with an advance that none settles
    invoice("241", "300", invoiceType="AR", invoiceDate=EARLIER, **of_customer("24")),
    invoice("242", "1000", invoiceType="ER", **of_customer("24")),
    # one whose order has no other invoice
    invoice("243", "1000", invoiceType="ER", **of_order("34"), **of_customer("25")),
    # when was it delivered?
    invoice("251", deliveryDate="31.12.2025"),
    invoice("252", deliveryDate="2026-04-30T00:00:00+02:00", deliveryDateUntil="April"),
    invoice("253", deliveryDate="31.12.2025", status="100"),
    invoice("254", deliveryDate="", deliveryDateUntil=None),
]
CREDIT_NOTES = [
    credit_note("211", **crediting("211", "150", currency="USD", sumGrossForeignCurrency="165")),
    credit_note("212", **crediting("212", "60")),
    credit_note("213", **crediting("212", "60", currency="USD", sumGrossForeignCurrency="66")),
    credit_note("214", **crediting("213", "19")),
    credit_note("215", **crediting("214", "19")),
    credit_note("216", **crediting("215", "19", status="1000")),
    credit_note("217", **crediting("216", "19")),
    credit_note("218", **crediting("217", "119")),
    credit_note("221", **crediting("221", "69")),
    credit_note("223", **crediting("223", "119", status="1000")),
    credit_note("225", sumNet="ten"),
    credit_note("232", **crediting("232", "1000")),
    credit_note("251", deliveryDate="2026-13-01"),
]
INCOME: dict[str, Any] = VOUCHER | {"creditDebit": "D"}
VOUCHERS = [
    INCOME | {"id": "1"} | in_dollars("110", "110") | {"paidAmount": "11"},
    INCOME | {"id": "2"} | in_dollars("0", "110"),
    INCOME | {"id": "3"} | in_dollars("110", "110") | {"currency": "XTS"},
    INCOME | {"id": "4", "currency": "USD", "sumGrossForeignCurrency": "130"},
    INCOME | {"id": "5", "paidAmount": "viel"},
    INCOME | {"id": "6", "currency": "USD", "sumGrossForeignCurrency": "viel"},
    INCOME | {"id": "7", "currency": "USD", "sumNet": "110", "sumTax": "0", "sumGross": "110"},
    INCOME | {"id": "8", "creditDebit": "C", "paidAmount": "viel"},
]
OFFER: dict[str, Any] = {
    "orderType": "AN", "status": "200", "orderDate": "2026-05-04T00:00:00+02:00", "currency": "EUR",
    "sumNet": "100", "sumGross": "119",
}  # fmt: skip
ORDERS = [
    OFFER | {"id": "1"},
    OFFER | {"id": "2", "sumNet": "1.234,56"},
    OFFER | {"id": "3", "sumGross": ""},
    OFFER | {"id": "4", "orderDate": "31.12.2025"},
    OFFER | {"id": "5", "orderDate": None},
    OFFER | {"id": "6", "currency": "USD", "sumGrossForeignCurrency": "viel"},
    OFFER | {"id": "7", "status": "100", "sumNet": "viel"},
    OFFER | {"id": "8", "orderType": "LI", "sumNet": "viel"},
    OFFER | {"id": "9", "orderType": "XX"},
    OFFER | {"id": "10", "orderType": None},
    OFFER | {"id": "11", "status": "400"},
]
LOGS = [
    booked("1", "-119", "CreditNote", "223"),
    booked("2", "11", "Voucher", "1"),
    booked("3", "5", "Voucher", "5"),
    booked("4", "9", "Invoice", "299"),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    project = Project(tmp_path_factory.mktemp("dbt"))
    project.fresh_raw()
    write_raw(project.warehouse, "invoices", [invoice("299")], "2026-05-21T03:00:00+00:00")  # deleted since
    lists: dict[str, list[dict[str, Any]]] = {
        "invoices": INVOICES,
        "credit_notes": CREDIT_NOTES,
        "check_account_transaction_logs": LOGS,
        "check_account_transactions": [{"id": "1"}],
        "orders": ORDERS,
        "vouchers": VOUCHERS,
    }
    return of_documents(project, lists, [("2026-05-04", "USD", "1.1")])


@pytest.fixture(scope="module")
def cumulative(tmp_path_factory: pytest.TempPathFactory, built: Built) -> Built:
    return read_as_cumulative(built, tmp_path_factory.mktemp("cumulative"))


def test_all_of_them_are_published(built: Built, cumulative: Built) -> None:
    for _, result in (built, cumulative):
        assert result.exit_code == 0, result.output


class TestIncomeVouchers:
    """They are converted as documents are, and nothing of them counts as nothing."""

    def test_each_has_its_amount_in_euros(self, built: Built) -> None:
        query = "select voucher_id, net_eur, gross_eur, paid_eur from analytics.income_vouchers order by 1"
        assert built[0].rows(query) == [("1", 100, 100, 10), ("4", 100, 119, 0), ("7", 100, 100, 0)]

    @pytest.mark.parametrize(
        ("number", "code"),
        [
            ("2", "foreign_sums_disagree"),
            ("3", "exchange_rate_missing"),
            ("5", "paid_amount_unreadable"),
            ("6", "foreign_amount_unreadable"),
        ],
    )
    def test_one_that_cannot_be_is_in_question(self, number: str, code: str, built: Built) -> None:
        assert in_question(built[0])["voucher", number] == code

    def test_an_expense_is_out_of_scope(self, built: Built) -> None:
        assert ("voucher", "8") not in in_question(built[0])

    def test_a_payment_is_converted_as_its_voucher(self, built: Built) -> None:
        assert built[0].rows("select payment_id, amount_eur from analytics.payments order by 1") == [
            ("1", -119),
            ("2", 10),
        ]
        assert in_question(built[0])["payment", "3"] == "pays_a_document_in_question"

    def test_a_payment_of_a_deleted_document_is_in_question(self, built: Built) -> None:
        assert in_question(built[0])["payment", "4"] == "pays_a_missing_document"


def test_an_order_that_cannot_be_read_is_in_question_and_not_in_the_pipeline(built: Built) -> None:
    found = {number: code for (source, number), code in in_question(built[0]).items() if source == "order"}
    assert found == {
        "2": "amount_unreadable",
        "3": "amount_missing",
        "4": "date_unreadable",
        "5": "date_missing",
        "6": "foreign_amount_unreadable",
        "9": "unknown_type",
        "10": "unknown_type",
        "11": "unknown_status",
    }
    assert built[0].rows("select order_id from analytics.orders_pipeline") == [("1",)]
    query = "select reason from analytics.documents_in_question where document_source = 'order'"
    assert all(reason for (reason,) in built[0].rows(query))


class TestOpenAmounts:
    """What is owed to whom, by hand."""

    @pytest.mark.parametrize(
        ("number", "open_eur"),
        [
            ("RE-201", "-50"), ("RE-202", "0"),  # 50 had been paid before the SR
            ("RE-203", "-119"),                  # all
            ("RE-205", "0"),                     # nothing
            ("RE-207", "0"), ("RE-208", "0"),    # 50, and they went back
            ("RE-209", "100"),                   # 100 had been paid to the customer
            ("RE-211", "0"), ("GU-211", "-50"),  # USD 165 are EUR 150 of 100
            ("RE-212", "0"), ("GU-212", "0"), ("GU-213", "-20"),  # EUR 60 and USD 66 of EUR 100
            ("RE-213", "0"), ("GU-214", "0"),    # 119 less 19 less 2 of Skonto: 98 paid
            ("RE-214", "0"), ("GU-215", "-19"),  # 119 less 2.38 of Skonto were paid before the credit note
            ("RE-215", "0"), ("GU-216", "0"),    # 119 less 19
            ("RE-216", "2"), ("GU-217", "0"),    # 119 less 19, 98 paid, not closed
            ("RE-217", "-6"), ("GU-218", "-119"),  # 125 paid, 119 credited
            ("RE-221", "119"), ("GU-221", "0"), ("RE-222", "0"),    # the credit note does not hold
            ("RE-223", "0"), ("GU-223", "119"), ("RE-224", "0"),    # nor this one, which had been paid back
            ("RE-232", "0"), ("GU-232", "0"),    # a final invoice and all of it
        ],
    )  # fmt: skip
    def test_of(self, number: str, open_eur: str, built: Built) -> None:
        assert amounts(built[0], "open_eur")[number] == Decimal(open_eur)

    def test_what_is_owed_back_stands_at_the_customer(self, built: Built) -> None:
        query = (
            "select open_eur, overdue_eur, balance_eur, document_count from analytics.receivables_by_customer"
            " where customer_id = '20'"
        )
        assert built[0].rows(query) == [(-50, 0, -50, 1)]

    @pytest.mark.parametrize(
        ("number", "skonto"), [("213", "2"), ("214", "2.38"), ("215", "0"), ("216", "0")]
    )
    def test_skonto_is_what_neither_payment_nor_credit_settled(
        self, number: str, skonto: str, built: Built
    ) -> None:
        assert amounts(built[0], "cash_discount_eur")[f"RE-{number}"] == Decimal(skonto)


class TestCancelledCreditNotes:
    """The pair is nothing, and the invoice is as if there were no credit note."""

    def test_each_counts_at_its_own_date_and_the_pair_is_nothing(self, built: Built) -> None:
        gross = amounts(built[0], "gross_eur")
        assert [gross[number] for number in ("GU-221", "RE-222")] == [-69, 69]
        assert [gross[number] for number in ("GU-223", "RE-224")] == [-119, 119]

    def test_the_pair_is_cancelled_and_the_invoice_is_not(self, built: Built) -> None:
        query = (
            "select number, is_cancelled from analytics.invoices_summary"
            " where number in ('RE-221', 'GU-221', 'RE-222', 'RE-223', 'GU-223', 'RE-224')"
        )
        found = {number for number, is_cancelled in built[0].rows(query) if is_cancelled}
        assert found == {"GU-221", "RE-222", "GU-223", "RE-224"}

    def test_what_cancels_one_in_question_is_in_question(self, built: Built) -> None:
        assert in_question(built[0])["invoice", "225"] == "takes_back_a_document_in_question"
        query = "select reason from analytics.documents_in_question where number = 'RE-225'"
        assert built[0].rows(query) == [("It takes back credit note 225, which is itself in question.",)]


class TestFinalInvoices:
    """A credit note that takes one back whole undoes what it had settled, as an SR does."""

    def test_the_pair_is_nothing_under_both_readings(self, built: Built, cumulative: Built) -> None:
        for project, final in ((built[0], 1000), (cumulative[0], 700)):
            net = amounts(project, "net_eur")
            assert [net[number] for number in ("RE-232", "GU-232")] == [final, -final]
        assert amounts(cumulative[0], "net_eur")["RE-233"] == 800

    def test_what_depends_on_the_reading_is_nothing_in_all(self, built: Built) -> None:
        query = "select number, uncertain_net_eur from analytics.final_invoices order by 1"
        assert built[0].rows(query) == [("GU-232", -300), ("RE-232", 300), ("RE-233", 300)]

    def test_no_warning_names_a_pair(self, built: Built, cumulative: Built) -> None:
        for _, result in (built, cumulative):
            assert "cancelled_groups_are_zero" not in result.not_passed

    def test_one_without_earlier_invoices_is_named_only_if_there_may_be_some(self, cumulative: Built) -> None:
        said = named(cumulative[1], "final_invoices_settle_earlier_ones")
        assert "RE-242" in said
        assert "RE-243" not in said

    def test_so_it_is_where_a_start_date_leaves_invoices_out(
        self, cumulative: Built, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SEVDESK_START_DATE", "2026-04-15")
        read_as = {"final_invoice_amounts": "cumulative"}
        rule = "final_invoices_settle_earlier_ones"
        said = named(cumulative[0].dbt("test", "--select", rule, variables=read_as), rule)
        assert all(number in said for number in ("RE-242", "RE-243"))


def test_a_delivery_date_that_cannot_be_read_is_named(built: Built) -> None:
    said = named(built[1], "delivery_dates_can_be_read")
    assert all(number in said for number in ("RE-251", "RE-252", "GU-251"))
    assert not any(number in said for number in ("RE-253", "RE-254"))
