"""What both files of hard cases are made of: a few documents, built both ways to read a final invoice."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.helpers.few_documents import MONDAY, taken_from
from tests.helpers.raw_warehouse import note_extraction, write_rates, write_raw
from tests.helpers.transform_project import Project, Result

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

Built = tuple[Project, Result]
USD = {"currency": "USD", "sumNet": "0", "sumGross": "0"}
ACCOUNT_LINE = taken_from("CheckAccountTransaction", "1")
EARLIER = "2026-04-01T00:00:00+02:00"
VOUCHER = {
    "voucherType": "VOU", "status": "100", "voucherDate": "2026-05-04T00:00:00+02:00", "currency": "EUR",
    "sumNet": "100", "sumTax": "19", "sumGross": "119",
}  # fmt: skip


def of_order(number: str) -> dict[str, Any]:
    return {"origin": taken_from("Order", number)}


def crediting(number: str, gross: str, **changes: Any) -> dict[str, Any]:
    return {"sumNet": gross, "sumGross": gross, "refSrcInvoice": taken_from("Invoice", number), **changes}


def booked(number: str, amount: str, resource: str, document: str, **changes: Any) -> dict[str, Any]:
    plain = {
        "id": number,
        "checkAccountTransaction": ACCOUNT_LINE,
        "amountPaid": amount,
        "bookingDate": "2026-05-20T12:00:00+02:00",
        "object": taken_from(resource, document),
        "create": "2026-05-20T12:00:00+02:00",
    }
    return plain | changes


def of_documents(
    project: Project,
    lists: Mapping[str, list[dict[str, Any]]],
    rates: Iterable[tuple[str, str, str]],
    variables: Mapping[str, Any] | None = None,
) -> Built:
    """Read each of the lists whole on a Monday; build all."""
    for stream, records in lists.items():
        write_raw(project.warehouse, stream, records, MONDAY)
        note_extraction(project.warehouse, stream, MONDAY, rows=len(records))
    write_rates(project.warehouse, rates)
    return project, project.build(variables)


def read_as_cumulative(built: Built, folder: Path) -> Built:
    """Build the same documents anew in `folder`, with final invoices that repeat what was billed before."""
    project = Project(folder)
    project.warehouse.write_bytes(built[0].warehouse.read_bytes())
    return project, project.build({"final_invoice_amounts": "cumulative"})


def amounts(project: Project, column: str) -> dict[str, Decimal]:
    return dict(project.rows(f"select number, {column} from analytics.invoices_summary"))


def named(result: Result, rule: str) -> str:
    """Return the line of the log that names the documents which break a rule."""
    return next(line for line in result.output.splitlines() if f"{rule}:" in line)


def in_question(project: Project) -> dict[tuple[str, str], str]:
    query = "select document_source, sevdesk_id, reason_code from analytics.documents_in_question"
    return {(source, number): code for source, number, code in project.rows(query)}
