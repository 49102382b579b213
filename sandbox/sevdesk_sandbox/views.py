"""The switches that change what records look like, applied to a record on its way out."""

from __future__ import annotations

from sevdesk_sandbox.records import Record
from sevdesk_sandbox.switches import Switches


def _signed(record: Record, sign: str) -> Record:
    minus = "-" if sign == "negative" else ""
    return {
        name: minus + value.lstrip("-") if name.startswith("sum") and value not in (None, "0") else value
        for name, value in record.items()
    }


def view(record: Record, switches: Switches, cumulative: dict[str, Record]) -> Record:
    """Rewrite a record as the switches say; `cumulative` has the whole-chain sums of final invoices by id."""
    resource = record["objectName"]
    record = dict(record)
    if resource == "Invoice" and record.get("invoiceType") == "SR":
        record = _signed(record, switches.sr_sign)
    if resource == "CreditNote":
        record = _signed(record, switches.credit_note_sign)
    if switches.final_sums == "cumulative" and record.get("invoiceType") == "ER":
        record |= cumulative.get(record["id"], {})
    if switches.city == "missing" and "addressCity" in record:
        record["addressCity"] = None
    if switches.system == "1.0" and "taxRule" in record:
        record |= {"taxRule": None, "taxType": record.get("taxType") or "default"}
    if (
        switches.unlisted_status == "on"
        and resource in {"Invoice", "CreditNote"}
        and record["id"].endswith("8")
    ):
        record["status"] = "900"
    if switches.part_numbers == "number" and resource == "Part":
        for name in ("stock", "price", "priceNet", "priceGross", "pricePurchase", "taxRate"):
            if isinstance(record.get(name), str):
                value = float(record[name])
                record[name] = int(value) if value.is_integer() else value
    if switches.unknown_fields == "on":
        record |= {
            "sandboxNote": "new",
            "sandboxOwner": {"id": "1", "objectName": "SevUser"},
            "sandboxList": ["a", "b"],
        }
    return record
