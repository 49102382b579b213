"""Documents whose amounts are not what they seem at first sight, each with the answer by hand."""

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
from tests.helpers.transform_project import Project

pytestmark = pytest.mark.xdist_group("hard_cases")  # its tests share builds


def follows(number: str) -> dict[str, Any]:
    return {"origin": taken_from("Invoice", number)}


INVOICES = [
    # an advance of order 9, an advance that follows it, and the final invoice that follows that one
    invoice("11", "100", invoiceType="AR", invoiceDate=EARLIER, **of_order("9")),
    invoice("12", "200", invoiceType="AR", invoiceDate=EARLIER, **follows("11")),
    invoice("13", "1000", invoiceType="ER", **follows("12")),
    # a partial invoice without an order, and its final invoice
    invoice("14", "40", invoiceType="TR", invoiceDate=EARLIER),
    invoice("15", "100", invoiceType="ER", **follows("14")),
    # a year and more of instalments; one was cancelled, and the next one follows the cancellation
    invoice("100", "10", invoiceType="AR", invoiceDate=EARLIER, **of_order("6")),
    *(
        invoice(str(number), "10", invoiceType="AR", invoiceDate=EARLIER, **follows(str(number - 1)))
        for number in range(101, 126)
    ),
    invoice("126", "-10", invoiceType="SR", status="1000", invoiceDate=EARLIER, **follows("125")),
    invoice("127", "10", invoiceType="AR", invoiceDate=EARLIER, **follows("126")),
    invoice("128", "1000", invoiceType="ER", **of_order("6")),
    # another customer's, made of a copy
    invoice("129", "70", invoiceType="AR", contact=taken_from("Contact", "2"), **follows("11")),
    # final invoices of which no earlier invoice is known; one follows an invoice
    invoice("16", "500", invoiceType="ER"),
    invoice("17", "600", invoiceType="ER", **of_order("8")),
    invoice("18", "700", invoiceType="ER", **follows("999")),
    # billed of the same order after its final invoice
    invoice("21", "100", invoiceType="AR", invoiceDate=EARLIER, **of_order("10")),
    invoice("22", "1000", invoiceType="ER", **of_order("10")),
    invoice("23", "50", invoiceType="TR", invoiceDate="2026-05-20T00:00:00+02:00", **of_order("10")),
    # two that name each other
    invoice("19", "1", invoiceType="ER", **follows("20")),
    invoice("20", "2", invoiceType="ER", **follows("19")),
    # sums in dollars only, beside sums of nothing in euros
    invoice("31", **USD, sumNetForeignCurrency="110", sumGrossForeignCurrency="110", paidAmount="11"),
    invoice("32", **USD, sumNetForeignCurrency="0", sumGrossForeignCurrency="110"),
    invoice("33", "0.5", currency="USD", sumNetForeignCurrency="110", sumGrossForeignCurrency="110"),
    invoice("35", **USD, sumNetForeignCurrency="110", sumGrossForeignCurrency="0"),
    invoice("34", **USD, sumNetForeignCurrency="0", sumGrossForeignCurrency="0"),
    # credited
    invoice("41", "119", status="1000", paidAmount="119"),
    invoice("42", "119"),
    invoice("43", "119", status="1000", paidAmount="119"),
    invoice("44", "119", status="750", paidAmount="50"),
    invoice("45", "119"),
    invoice("46", "100", currency="USD", sumGrossForeignCurrency="110"),
    invoice("48", "119"),
    invoice("49", "119"),
    invoice("50", "100"),
    invoice("70", "100"),
    # paid in dollars, a final invoice lowered by what was billed before
    invoice("51", "60", invoiceType="TR", currency="USD", invoiceDate=EARLIER, **of_order("7")),
    invoice("52", "110", invoiceType="ER", currency="USD", status="1000", paidAmount="110", **of_order("7")),
    invoice("56", "100", currency="USD", status="750", paidAmount="50"),
    invoice("53", "1,00"),
    invoice("54", "300", status="750", paidAmount="100"),
    # more paid than billed, long ago
    invoice("55", "100", status="750", paidAmount="120", invoiceDate="2025-12-01T00:00:00+01:00"),
    # a rate of VAT put right in dollars, at another rate than the ECB's
    invoice(
        "57",
        currency="USD",
        sumNet="2",
        sumTax="-2",
        sumGross="0",
        sumNetForeignCurrency="2.40",
        sumTaxForeignCurrency="-2.40",
    ),
    # the parts do not add up to gross by a cent
    invoice("61", sumNet="100", sumTax="19", sumGross="119.01"),
    invoice("63", "1_000"),
    # the newest rate is nothing, or empty
    invoice("36", "100", currency="GBP"),
    invoice("37", "100", currency="CHF"),
    # credited in another currency: with less than it, and with all of it
    invoice("71", "100"),
    invoice("72", "100", currency="USD", sumGrossForeignCurrency="110"),
    invoice("73", "100"),
    invoice("75", "7", invoiceType="MA"),
]
CREDIT_NOTES = [
    credit_note("41", **crediting("41", "69", status="750")),
    credit_note("42", **crediting("42", "150")),
    credit_note("43", **crediting("43", "150")),
    credit_note("44", **crediting("44", "150")),
    credit_note("45", **crediting("45", "69", status="750")),
    credit_note(
        "46",
        **crediting("46", "220", currency="USD", sumNet="210", sumGross="210", sumGrossForeignCurrency="220"),
    ),
    credit_note("47", **crediting("998", "25")),
    credit_note("48", **crediting("48", "119", status="750")),
    credit_note("49", **crediting("49", "69", status="1000")),
    credit_note("50", **crediting("50", "100", currency="USD", sumGrossForeignCurrency="110")),
    credit_note("70", sumNet="30", sumGross="30", origin=taken_from("Invoice", "70")),
    credit_note("71", **crediting("71", "30", currency="JPY", sumGrossForeignCurrency="5000")),
    credit_note("72", **crediting("72", "100")),
    credit_note("73", sumNet="30", sumGross="30", bookingCategory=None, origin=taken_from("Invoice", "73")),
    credit_note("74", sumNet="30", sumGross="30", origin=taken_from("Voucher", "1")),
]
LOGS = [
    booked("1", "-30", "CreditNote", "41"),
    booked("2", "-20", "CreditNote", "45"),
    booked("3", "110", "Invoice", "52"),
    booked("19", "50", "Invoice", "56"),
    booked("4", "100", "Invoice", "54"),
    booked("5", "100,00", "Invoice", "54"),
    booked("6", "100", "Invoice", "54", bookingDate="20.05.2026"),
    booked("7", "1", "Invoice", "53"),
    booked("8", "100", "Invoice", "54", bookingDate=None),
    booked("9", "", "Invoice", "54"),
    booked("10", "-20", "CreditNote", "48"),
    booked("12", "7", "Invoice", "75"),
    booked("13", "7", "Invoice", "997"),
    booked("14", "-7", "CreditNote", "997"),
    booked("15", "-7", "Voucher", "3"),
    booked("16", "7", "Voucher", "997"),
    booked("11", "-69", "CreditNote", "49", checkAccountTransaction=None),
    booked("17", "7", "Invoice", "54", object=None),
    booked("18", "7", "Order", "22"),
]
VOUCHERS = [
    VOUCHER | {"id": "1", "creditDebit": "D"},
    VOUCHER | {"id": "2"},
    VOUCHER | {"id": "3", "creditDebit": "C"},
    VOUCHER | {"id": "4", "creditDebit": "D", "currency": "", "sumGross": "200"},
    VOUCHER | {"id": "5", "creditDebit": "D", "currency": "eur", "sumGross": "200"},
]
ORDER = {
    "orderType": "AN", "status": "200", "orderDate": EARLIER,
    "currency": "USD", "sumGrossForeignCurrency": "110",
}  # fmt: skip
ORDERS = [
    ORDER | {"id": "21", "sumNet": "0", "sumGross": "0"},
    ORDER | {"id": "22", "sumNet": "100", "sumGross": "100"},
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    project = Project(tmp_path_factory.mktemp("dbt"))
    project.fresh_raw()
    lists = {
        "invoices": INVOICES,
        "credit_notes": CREDIT_NOTES,
        "check_account_transaction_logs": LOGS,
        "check_account_transactions": [{"id": "1"}],
        "orders": ORDERS,
        "vouchers": VOUCHERS,
    }
    rates = [
        *(("2026-03-31", "USD", "1.2"), ("2026-05-04", "USD", "1.1")),
        *(("2026-04-30", "GBP", "0.8"), ("2026-05-04", "GBP", "0")),
        *(("2026-04-30", "CHF", "0.8"), ("2026-05-04", "CHF", "")),
    ]
    return of_documents(project, lists, rates)


@pytest.fixture(scope="module")
def cumulative(tmp_path_factory: pytest.TempPathFactory, built: Built) -> Built:
    return read_as_cumulative(built, tmp_path_factory.mktemp("cumulative"))


def test_all_of_them_are_published(built: Built, cumulative: Built) -> None:
    for _, result in (built, cumulative):
        assert result.exit_code == 0, result.output


class TestFinalInvoices:
    """They settle what was billed of the same job before, however they name it."""

    @pytest.mark.parametrize(
        ("number", "cumulative_eur"),
        [
            ("13", "700"),
            ("15", "60"),
            ("128", "740"),
            ("22", "900"),
            ("16", "500"),
            ("17", "600"),
            ("18", "700"),
        ],
    )
    def test_a_final_invoice_finds_its_order_by_the_invoice_that_it_follows(
        self, number: str, cumulative_eur: str, built: Built, cumulative: Built
    ) -> None:
        assert amounts(cumulative[0], "net_eur")[f"RE-{number}"] == Decimal(cumulative_eur)
        lower = amounts(built[0], "net_eur - uncertain_net_eur")[f"RE-{number}"]
        assert lower == Decimal(cumulative_eur)

    def test_one_that_follows_a_missing_invoice_is_named(self, built: Built, cumulative: Built) -> None:
        for _, result in (built, cumulative):
            assert result.not_passed["final_invoices_settle_earlier_ones"] == "warn"
            said = named(result, "final_invoices_settle_earlier_ones")
            assert "RE-18" in said
            assert not any(number in said for number in ("RE-13", "RE-15", "RE-16", "RE-17"))

    @pytest.mark.parametrize(("advances_are_revenue", "named_too"), [(True, False), (False, True)])
    def test_one_that_holds_what_remained_is_named_only_if_it_makes_advances_revenue(
        self, built: Built, *, advances_are_revenue: bool, named_too: bool
    ) -> None:
        read_as = {"final_invoice_amounts": "remaining", "advance_invoices_are_revenue": advances_are_revenue}
        rule = "final_invoices_settle_earlier_ones"
        result = built[0].dbt("test", "--select", rule, variables=read_as)
        assert (rule in result.not_passed) is named_too


class TestForeignCurrency:
    """An amount is never zero because sevDesk booked none."""

    def test_sums_in_the_documents_currency_only_are_converted(self, built: Built) -> None:
        query = (
            "select fx_source, gross_eur, net_eur, paid_eur, gross_document_currency"
            " from analytics.invoices_summary where number = 'RE-31'"
        )
        assert built[0].rows(query) == [("ecb", 100, 100, 10, 110)]

    def test_one_that_is_nothing_gross_is_booked_if_its_net_amount_is(self, built: Built) -> None:
        query = "select fx_source, net_eur, tax_eur from analytics.invoices_summary where number = 'RE-57'"
        assert built[0].rows(query) == [("sevdesk", 2, -2)]

    @pytest.mark.parametrize("number", ["32", "35"])
    def test_sums_in_the_documents_currency_that_contradict_each_other_are_in_question(
        self, number: str, built: Built
    ) -> None:
        assert in_question(built[0])["invoice", number] == "foreign_sums_disagree"

    def test_an_invoice_over_nothing_is_one(self, built: Built) -> None:
        assert amounts(built[0], "gross_eur")["RE-34"] == 0

    @pytest.mark.parametrize("number", ["36", "37"])
    def test_a_rate_of_nothing_gives_way_to_the_one_before(self, number: str, built: Built) -> None:
        assert amounts(built[0], "gross_eur")[f"RE-{number}"] == 125

    def test_an_order_in_the_documents_currency_only_is_not_over_nothing(self, built: Built) -> None:
        query = "select order_id, net_eur, gross_eur from analytics.orders_pipeline order by order_id"
        assert built[0].rows(query) == [("21", None, None), ("22", 100, 100)]

    def test_a_booked_amount_far_from_the_rate_is_named_however_small(self, built: Built) -> None:
        assert "RE-33" in named(built[1], "booked_rate_is_plausible")


class TestOpenAmounts:
    """What is owed to whom, by hand: gross less paid less credited, and what was paid back."""

    @pytest.mark.parametrize(
        ("number", "open_eur"),
        [
            ("RE-41", "0"), ("GU-41", "-39"),   # paid; 69 credited, 30 of it paid back
            ("RE-42", "0"), ("GU-42", "-31"),   # 119 billed, 150 credited
            ("RE-43", "0"), ("GU-43", "-150"),  # the same, the invoice had been paid
            ("RE-44", "0"), ("GU-44", "-81"),   # the same, 50 had been paid
            ("RE-45", "70"), ("GU-45", "0"),    # 69 credited, 20 of it paid back: 49 lower the invoice
            ("RE-46", "0"), ("GU-46", "-105"),  # USD 110 billed, 220 credited at another rate
            ("GU-47", "-25"),                   # the invoice is not here
            ("RE-48", "20"), ("GU-48", "0"),    # 119 credited, 20 paid back though nothing was paid
            ("RE-49", "50"), ("GU-49", "0"),    # 69 credited and settled without money
            ("RE-50", "0"), ("GU-50", "0"),     # credited in another currency
            ("RE-70", "70"), ("GU-70", "0"),    # the credit note names its invoice as its origin only
            ("RE-71", "70"), ("GU-71", "0"),    # JPY 5,000 are EUR 30 of 100
            ("RE-72", "0"), ("GU-72", "0"),     # EUR 100 are all of USD 110
            ("RE-73", "70"), ("GU-73", "0"),    # by its origin only, and without a booking category
        ],
    )  # fmt: skip
    def test_of(self, number: str, open_eur: str, built: Built) -> None:
        assert amounts(built[0], "open_eur")[number] == Decimal(open_eur)

    def test_a_credit_note_whose_invoice_is_not_here_is_named(self, built: Built) -> None:
        said = named(built[1], "reversals_have_their_invoice")
        assert "GU-47" in said
        assert "GU-46" not in said

    def test_a_credit_note_for_a_voucher_is_in_no_total(self, built: Built) -> None:
        assert "GU-74" not in amounts(built[0], "open_eur")

    def test_what_was_paid_too_much_is_not_due(self, built: Built) -> None:
        query = "select open_eur, bucket from analytics.receivables_ageing where number = 'RE-55'"
        assert built[0].rows(query) == [(-20, "not due")]


class TestPayments:
    """What is booked on documents, and what of it cannot be."""

    def test_a_payment_of_a_lowered_final_invoice_is_converted_as_the_invoice(
        self, cumulative: Built
    ) -> None:
        query = "select amount_eur from analytics.payments where payment_id = '3'"
        assert cumulative[0].rows(query) == [(100,)]

    def test_a_part_that_was_paid_is_converted_as_what_was_paid_of_the_invoice(self, built: Built) -> None:
        paid = Decimal("45.45")  # 50 by 1.1; half of 90.91 would be 45.46
        assert built[0].rows("select amount_eur from analytics.payments where payment_id = '19'") == [(paid,)]
        assert amounts(built[0], "paid_eur")["RE-56"] == paid

    @pytest.mark.parametrize(
        ("number", "code"),
        [
            ("5", "payment_amount_unreadable"),
            ("6", "payment_date_unreadable"),
            ("7", "pays_a_document_in_question"),
            ("8", "payment_date_missing"),
            ("12", "pays_no_document_to_pay"),
            ("13", "pays_a_missing_document"),
            ("14", "pays_a_missing_document"),
            ("16", "pays_a_missing_document"),
            ("17", "pays_a_missing_document"),
            ("18", "pays_a_missing_document"),
        ],
    )
    def test_a_payment_that_cannot_be_read_is_in_question(self, number: str, code: str, built: Built) -> None:
        assert in_question(built[0])["payment", number] == code
        paid = built[0].rows("select payment_id from analytics.payments")
        assert (number,) not in paid

    def test_a_payment_of_an_expense_is_out_of_scope(self, built: Built) -> None:
        assert ("payment", "15") not in in_question(built[0])

    def test_a_line_of_the_log_without_an_amount_is_no_payment(self, built: Built) -> None:
        assert ("payment", "9") not in in_question(built[0])


def test_a_number_with_underscores_is_no_amount(built: Built) -> None:
    assert in_question(built[0])["invoice", "63"] == "amount_unreadable"


def test_a_voucher_that_is_neither_income_nor_expense_is_in_question(built: Built) -> None:
    assert in_question(built[0])["voucher", "2"] == "unknown_direction"
    assert built[0].rows("select voucher_id from analytics.income_vouchers") == [("1",)]


@pytest.mark.parametrize("number", ["4", "5"])
def test_the_sums_of_a_voucher_agree_however_its_currency_is_written(number: str, built: Built) -> None:
    assert in_question(built[0])["voucher", number] == "sums_disagree"
