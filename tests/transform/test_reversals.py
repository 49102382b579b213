"""What takes a document back: in which direction it counts, and what is then owed, each answer by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.helpers.few_documents import credit_note, invoice, taken_from
from tests.helpers.hard_cases import Built, amounts, booked, crediting, in_question, named, of_documents
from tests.helpers.transform_project import Project

pytestmark = pytest.mark.xdist_group("reversals")  # its tests share a build

PAID_BY_US = {"status": "1000", "paidAmount": "-100"}


def cancelling(number: str, gross: str, resource: str = "Invoice") -> dict[str, Any]:
    """Return what makes an invoice an SR of another document."""
    amount = {"sumNet": gross, "sumGross": gross}
    return {"invoiceType": "SR", "status": "1000", "origin": taken_from(resource, number)} | amount


def put_right(net: str, tax: str) -> dict[str, Any]:
    """Return the sums of what puts a rate of VAT right: what is more net is less VAT."""
    return {"sumNet": net, "sumTax": tax, "sumGross": "0"}


INVOICES = [
    # over a negative amount: credited whole, in part, beyond, and after the customer had the money
    invoice("1", "-100"),
    invoice("2", "-100"),
    invoice("3", "-100"),
    invoice("4", "-100", **PAID_BY_US),
    # credited by mistake: an SR cancels the credit note, which the customer had paid
    invoice("5", "-100"),
    invoice("6", **cancelling("5", "100", "CreditNote")),
    # cancelled by an SR, which another SR cancels
    invoice("7", "-100"),
    invoice("8", **cancelling("7", "100")),
    invoice("9", **cancelling("8", "-100")),
    # SRs of credit notes that are no sale
    invoice("11", **cancelling("11", "-50", "CreditNote")),
    invoice("12", **cancelling("12", "50", "CreditNote")),
    # an SR that cannot be read cancels nothing
    invoice("21", "119"),
    invoice("22", **cancelling("21", "viel", "CreditNote")),
    # an advance, its credit note, and the SR of that one
    invoice("31", "100", invoiceType="AR"),
    invoice("32", **cancelling("31", "40", "CreditNote")),
    # billed at the wrong rate of VAT and put right, which is nothing gross: cancelled, or credited
    invoice("41", **put_right("1.08", "-1.08")),
    invoice("42", **cancelling("41", "0") | put_right("-1.08", "1.08")),
    invoice("43", **put_right("1.08", "-1.08")),
    invoice("44", **put_right("-1.08", "1.08")),
    invoice("45", **cancelling("44", "0") | put_right("1.08", "-1.08")),
    invoice("46", **put_right("-1.08", "1.08")),
]
CREDIT_NOTES = [
    credit_note("1", **crediting("1", "100")),
    credit_note("2", **crediting("2", "-30")),
    credit_note("3", **crediting("3", "120")),
    credit_note("4", **crediting("4", "100")),
    credit_note("5", **crediting("5", "100", status="1000")),
    credit_note("11", bookingCategory="PROVISION", sumNet="50", sumGross="50"),
    credit_note("12", origin=taken_from("Voucher", "1"), sumNet="50", sumGross="50"),
    credit_note("21", **crediting("21", "69")),
    credit_note("31", **crediting("31", "40")),
    credit_note("43", **crediting("43", "0") | put_right("1.08", "-1.08")),
    credit_note("46", **crediting("46", "0") | put_right("-1.08", "1.08")),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    project = Project(tmp_path_factory.mktemp("dbt"))
    project.fresh_raw()
    lists = {
        "invoices": INVOICES,
        "credit_notes": CREDIT_NOTES,
        "check_account_transaction_logs": [booked("1", "100", "CreditNote", "5")],
        "check_account_transactions": [{"id": "1"}],
    }
    return of_documents(project, lists, [], {"advance_invoices_are_revenue": False})


def test_all_of_them_are_published(built: Built) -> None:
    assert built[1].exit_code == 0, built[1].output


@pytest.mark.parametrize(
    ("number", "gross_eur"),
    [
        ("GU-1", "100"), ("GU-2", "30"), ("GU-3", "120"), ("GU-4", "100"),  # of -100
        ("GU-5", "100"), ("RE-6", "-100"),
        ("RE-8", "100"), ("RE-9", "-100"),
        ("GU-21", "-69"),
        ("GU-31", "-40"), ("RE-32", "40"),
    ],
)  # fmt: skip
def test_it_counts_against_what_it_takes_back_whatever_sign_sevdesk_sends(
    number: str, gross_eur: str, built: Built
) -> None:
    assert amounts(built[0], "gross_eur")[number] == Decimal(gross_eur)


@pytest.mark.parametrize(
    ("number", "taken_back_by"), [("41", "RE-42"), ("43", "GU-43"), ("44", "RE-45"), ("46", "GU-46")]
)
def test_what_is_nothing_gross_comes_to_nothing_net_with_what_takes_it_back(
    number: str, taken_back_by: str, built: Built
) -> None:
    net, tax = (amounts(built[0], column) for column in ("net_eur", "tax_eur"))
    assert abs(net[f"RE-{number}"]) == Decimal("1.08")
    assert (net[taken_back_by], tax[taken_back_by]) == (-net[f"RE-{number}"], -tax[f"RE-{number}"])


@pytest.mark.parametrize(
    ("number", "open_eur"),
    [
        ("RE-1", "0"), ("GU-1", "0"),
        ("RE-2", "-70"), ("GU-2", "0"),
        ("RE-3", "0"), ("GU-3", "20"),     # by 20 more than the customer was to get
        ("RE-4", "0"), ("GU-4", "100"),    # who had got it
        ("RE-5", "-100"), ("GU-5", "-100"), ("RE-6", "0"),  # who had paid it back
        ("RE-7", "-100"), ("RE-8", "0"), ("RE-9", "0"),
        ("RE-21", "50"), ("GU-21", "0"),   # of 119
    ],
)  # fmt: skip
def test_what_is_owed(number: str, open_eur: str, built: Built) -> None:
    assert amounts(built[0], "open_eur")[number] == Decimal(open_eur)


def test_a_pair_that_is_called_cancelled_is_nothing(built: Built) -> None:
    said = named(built[1], "cancelled_groups_are_zero")
    assert "invoice-3" in said, "credited beyond its amount"
    assert not any(f"invoice-{number}" in said for number in ("1;", "2", "4", "5", "7"))


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("RE-11", "credit note for a purchase, an expense"),
        ("RE-12", "credit note for a voucher, lowers no invoice"),
    ],
)
def test_what_cancels_no_sale_is_none(number: str, reason: str, built: Built) -> None:
    assert number not in amounts(built[0], "gross_eur")
    assert "reversals_have_their_invoice" not in built[1].not_passed
    query = f"select exclusion_reason from staging.int_documents where number = '{number}'"
    assert built[0].rows(query) == [(reason,)]


def test_an_sr_in_question_leaves_the_credit_note_as_it_was(built: Built) -> None:
    assert in_question(built[0]) == {("invoice", "22"): "amount_unreadable"}
    query = "select credited_eur from analytics.invoices_summary where number = 'RE-21'"
    assert built[0].rows(query) == [(69,)]


def test_whatever_an_advance_comes_to_is_no_revenue(built: Built) -> None:
    revenue = amounts(built[0], "net_revenue_eur")
    assert [revenue[number] for number in ("RE-31", "GU-31", "RE-32")] == [0, 0, 0]
