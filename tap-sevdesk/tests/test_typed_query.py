"""The README's query for those who have no dbt: invoiced amount by city over typed tables.

Run here in DuckDB, which reads this much of Postgres' SQL.
"""

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from sevdesk_sandbox import Sandbox
from tap_running import NOON, Outcome, run_tap

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
STREAMS = ("invoices", "credit_notes", "contact_addresses")
COLUMNS = {
    "object": "JSON",
    "array": "JSON",
    "number": "DECIMAL(38, 6)",
    "integer": "BIGINT",
    "boolean": "BOOLEAN",
}
FORMATS = {"date": "DATE", "date-time": "TIMESTAMPTZ"}


def load(run: Outcome, folder: Path, *streams: str) -> duckdb.DuckDBPyConnection:
    """Load streams as target-postgres does: a table each, columns by type and named as they come."""
    database = duckdb.connect()
    for stream in streams:
        columns = {"_sdc_extracted_at": "TIMESTAMPTZ"}
        for name, shape in run.schema(stream)["properties"].items():
            kinds = [COLUMNS[kind] for kind in shape["type"] if kind in COLUMNS]
            columns[name] = FORMATS.get(shape.get("format"), *kinds or ["VARCHAR"])
        lines = folder / f"{stream}.jsonl"
        lines.write_text(
            "".join(
                json.dumps(message["record"] | {"_sdc_extracted_at": message["time_extracted"]}) + "\n"
                for message in run.messages
                if message["type"] == "RECORD" and message["stream"] == stream
            ),
            "utf-8",
        )
        database.execute(
            f"CREATE TABLE {stream} AS FROM read_json(?, format = 'newline_delimited', columns = {columns})",
            [str(lines)],
        )
    return database


def by_city(sandbox: Sandbox, folder: Path) -> dict[str, tuple[Any, ...]]:
    """Return the answer to the README's query by city: number of documents, net, gross."""
    (query,) = re.findall(r"```sql\n(.*?)```", README, re.DOTALL)
    database = load(run_tap(sandbox, *STREAMS, typed=True), folder, *STREAMS, "extractions")
    rows: Sequence[tuple[Any, ...]] = database.execute(query).fetchall()
    return {city: tuple(rest) for city, *rest in rows}


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
    tmp_path: Path,
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
        assert by_city(sandbox, tmp_path) == {
            "Bonn": (3, Decimal("90.30"), Decimal("180.60")),
            "Boston": (1, 90, 180),
            "Mainz": (1, 50, 100),
            "Unknown": (1, 7, 14),
            "Köln": (2, 0, 0),
        }


def test_the_made_up_firm_has_the_same_total_in_text(tmp_path: Path) -> None:
    with Sandbox(now=NOON) as sandbox:
        answer = by_city(sandbox, tmp_path)
        text = run_tap(sandbox, *STREAMS)
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
