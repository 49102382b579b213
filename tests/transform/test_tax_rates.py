"""The tax table: documents split by the rates of their lines, each with the answer by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.helpers.few_documents import invoice, taken_from
from tests.helpers.hard_cases import EARLIER, Built, of_documents
from tests.helpers.transform_project import Project

pytestmark = pytest.mark.xdist_group("tax_rates")  # its tests share a build

LATER = "2026-05-31T12:00:00+02:00"


def line(number: str, document: str, **changes: Any) -> dict[str, Any]:
    return {"id": number, "invoice": taken_from("Invoice", document), "quantity": "1"} | changes


def gross_price(net: str, gross: str, rate: str, **changes: Any) -> dict[str, Any]:
    """Return what a line with a gross price says."""
    return {"price": gross, "priceNet": net, "priceGross": gross, "taxRate": rate} | changes


INVOICES = [
    # a line that says its sum but no price
    invoice("62", sumNet="300", sumTax="33", sumGross="333"),
    # one rate takes another's place: nothing net, and nothing of tax
    invoice("64", sumNet="0", sumTax="-12", sumGross="-12"),
    invoice("65", sumNet="1200", sumTax="0", sumGross="1200"),
    # with a line of text
    invoice("261", sumNet="100", sumTax="19", sumGross="119"),
    invoice("262", sumNet="-100", sumTax="-19", sumGross="-119"),
    invoice("263", "0"),
    # gross prices, less a discount on the line
    invoice("264", sumNet="190", sumTax="25.30", sumGross="215.30", showNet="0"),
    invoice("265", sumNet="34.23", sumTax="3.48", sumGross="37.71", showNet="0"),
    # with a line that cannot be read, one that bears no rate, and one of text that bears none
    invoice("266", sumNet="200", sumTax="26", sumGross="226"),
    invoice("267", sumNet="150", sumTax="19", sumGross="169"),
    invoice("268", sumNet="100", sumTax="19", sumGross="119"),
    # one rate takes another's place at the same gross price, and at nearly the same net price
    invoice("269", sumNet="1.08", sumTax="-1.08", sumGross="0", showNet="0"),
    invoice("270", sumNet="0.01", sumTax="12", sumGross="12.01", showNet="0"),
    # its line was made anew since the nightly read; one with a discount, to which a line was added
    invoice("271", sumNet="100", sumTax="7", sumGross="107"),
    invoice("272", sumNet="180", sumTax="23.40", sumGross="203.40"),
]
LINES = [
    line("31", "62", priceNet="100", taxRate="19"),
    line("32", "62", quantity=None, sumNet="200", taxRate="7"),
    line("33", "64", priceNet="100", taxRate="7"),
    line("34", "64", quantity="-1", priceNet="100", taxRate="19"),
    line("35", "65", priceNet="1900", taxRate="7"),
    line("36", "65", quantity="-1", priceNet="700", taxRate="19"),
    line("1", "261", priceNet="100", taxRate="19"),
    line("2", "261", quantity="0", priceNet="0", taxRate="0"),
    line("3", "261", quantity="0", sumNet="0", taxRate="7"),
    line("4", "262", priceNet="-100", taxRate="19"),
    line("5", "262", quantity="0", priceNet="5", taxRate="0"),
    line("6", "263", quantity="0", priceNet="5", taxRate="19"),
    line("7", "263", quantity="0", priceNet="5", taxRate="7"),
    line("8", "264", **gross_price("100", "107", "7", sumDiscount="10.70")),
    line("9", "264", **gross_price("100", "119", "19")),
    line("10", "265", **gross_price("9.3364", "9.99", "7", quantity="3", sumDiscount="2.97")),
    line("11", "265", **gross_price("10", "11.90", "19", sumDiscount="1.19")),
    line("12", "266", priceNet="100,00", taxRate="19"),
    line("13", "266", priceNet="100", taxRate="7"),
    line("14", "267", priceNet="100", taxRate="19"),
    line("15", "267", priceNet="50", taxRate=None),
    line("16", "268", priceNet="100", taxRate="19"),
    line("17", "268", quantity="0", priceNet="0", taxRate=None),
    line("18", "269", quantity="-1", **gross_price("42.0084", "49.99", "19")),
    line("19", "269", **gross_price("43.0948", "49.99", "16")),
    line("20", "270", **gross_price("100", "119", "19")),
    line("21", "270", quantity="-1", **gross_price("99.9907", "106.99", "7")),
    line("22", "271", priceNet="100", taxRate="19", create=EARLIER),
    line("23", "271", priceNet="60", taxRate="7", create=LATER),
    line("24", "271", priceNet="40", taxRate="7", create=LATER),
    line("25", "272", priceNet="100", taxRate="19", create=EARLIER),
    line("26", "272", priceNet="100", taxRate="7", create=LATER),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    project = Project(tmp_path_factory.mktemp("dbt"))
    project.fresh_raw()
    return of_documents(project, {"invoices": INVOICES, "invoice_positions": LINES}, [])


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("62", [("7", "200", "14"), ("19", "100", "19")]),  # a line without a price counts by its sum
        ("64", [("7", "100", "7"), ("19", "-100", "-19")]),  # the lines are nothing net
        ("65", [("7", "1900", "133"), ("19", "-700", "-133")]),  # the lines bear no tax in all
        ("261", [("19", "100", "19")]),
        ("262", [("19", "-100", "-19")]),
        ("263", [("19", "0", "0")]),
        ("264", [("7", "90", "6.30"), ("19", "100", "19")]),  # 107 less 10.70
        ("265", [("7", "25.23", "1.77"), ("19", "9", "1.71")]),  # 27.00 and 10.71 gross
        ("268", [("19", "100", "19")]),
        ("269", [("16", "43.09", "6.90"), ("19", "-42.01", "-7.98")]),
        ("270", [("7", "-99.99", "-7"), ("19", "100", "19")]),
        ("271", [("7", "100", "7")]),
        ("272", [("7", "90", "6.30"), ("19", "90", "17.10")]),
    ],
)
def test_a_document_is_split_by_the_rates_of_its_lines(
    number: str, expected: list[tuple[str, ...]], built: Built
) -> None:
    query = (
        "select tax_rate, net_eur, tax_eur from staging.int_document_tax_rates"
        f" where document_id = 'invoice-{number}' order by tax_rate"
    )
    assert built[0].rows(query) == [tuple(map(Decimal, row)) for row in expected]


@pytest.mark.parametrize(("number", "net_eur"), [("266", 200), ("267", 150)])
def test_one_of_which_a_line_cannot_be_read_stands_without_a_rate(
    number: str, net_eur: int, built: Built
) -> None:
    query = "select tax_rate, net_eur from staging.int_document_tax_rates"
    query += f" where document_id = 'invoice-{number}'"
    assert built[0].rows(query) == [(None, net_eur)]


def test_the_table_holds_the_gross_amount_of_the_documents(built: Built) -> None:
    query = "select sum(gross_eur) from {}"
    (taxed,) = built[0].rows(query.format("analytics.invoices_tax"))
    assert built[0].rows(query.format("analytics.invoices_summary")) == [taxed]
