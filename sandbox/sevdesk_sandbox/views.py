"""What a record looks like on its way out: as live accounts send it, or otherwise if switches say so."""

from __future__ import annotations

import html
from decimal import Decimal
from typing import Any

from sevdesk_sandbox.clock import epoch_of
from sevdesk_sandbox.days import midnight
from sevdesk_sandbox.records import LEFT_OUT, REFERENCES, SEV_CLIENT, Record
from sevdesk_sandbox.rough import roughen
from sevdesk_sandbox.switches import Switches

_DATES = ("invoiceDate", "creditNoteDate", "sendDate", "payDate", "valueDate", "entryDate", "bookingDate")
_PART_NUMBERS = ("stock", "price", "priceNet", "priceGross", "pricePurchase", "taxRate")
_COUNTS, _FLAGS = ("quantity", "positionNumber"), ("isPercentage", "createNextPart", "temporary")
_ESCAPED = ("Contact", "Part", "InvoicePos")
_EPOCH = "1970-01-01T01:00:01+01:00"
_SUMS = ("Net", "Tax", "Gross")


def view(record: Record, switches: Switches, cumulative: dict[str, Record], *, salt: str = "") -> Record:
    """Write a record as the switches say.

    `cumulative` has the whole-chain sums of final invoices by id. `salt` takes the place of the id where
    `rough` varies from record to record.
    """
    resource = record["objectName"]
    record = dict(record)
    _document(record, resource, switches, cumulative)
    _values(record, resource, switches)
    if switches.undescribed_fields == "left-out":
        record = {name: value for name, value in record.items() if name not in LEFT_OUT.get(resource, ())}
    if switches.unknown_fields == "on":
        owner = {"id": "1", "objectName": "SevUser"}
        record |= {"sandboxNote": "new", "sandboxOwner": owner, "sandboxList": ["a", "b"]}
    if switches.rough == "on":
        return roughen(record, salt or record["id"])
    if switches.unset_references == "absent":
        return {name: value for name, value in record.items() if value is not None or name not in REFERENCES}
    return record


def _values(record: Record, resource: str, switches: Switches) -> None:
    """Apply the switches that concern how values are written."""
    if switches.account != SEV_CLIENT and "sevClient" in record:
        record["sevClient"] = {"id": switches.account, "objectName": "SevClient"}
    if switches.reversal_dates == "midnight":
        for name in _DATES:
            if record.get(name) and (moment := epoch_of(record[name])) is not None:
                record[name] = midnight(moment)
    if switches.escaped_text == "escaped" and resource in _ESCAPED and record.get("name"):
        record["name"] = html.escape(record["name"], quote=False)
    if switches.undescribed_fields == "sent" and resource == "Unity":
        record["update"] = _EPOCH
    if switches.undescribed_fields == "sent" and resource == "CheckAccount":
        record.pop("autoMapTransactions", None)
    if switches.position_values == "numbers" and resource == "InvoicePos":
        _use_numbers(record)
    if switches.part_numbers == "number" and resource == "Part":
        record |= {name: _number(record[name]) for name in _PART_NUMBERS if name in record}


def _document(record: Record, resource: str, switches: Switches, cumulative: dict[str, Record]) -> None:
    """Apply the switches that concern documents and their sums."""
    kind = record.get("invoiceType")
    if resource == "Invoice" and kind == "SR":
        _sign(record, switches.sr_sign)
    if resource == "CreditNote":
        _sign(record, switches.credit_note_sign)
    if switches.cancelled_pay_date == "set" and resource == "Invoice" and _is_cancelled(record):
        record["payDate"] = midnight(epoch_of(record["update"]) or 0)
    if switches.final_sums == "cumulative" and kind == "ER":
        record |= cumulative.get(record["id"], {})
    if switches.accounting_sums == "same" and "sumNetAccounting" in record:
        record |= {f"sum{part}Accounting": record[f"sum{part}"] for part in _SUMS}
    if switches.city == "missing" and "addressCity" in record:
        record["addressCity"] = None
    if switches.system == "1.0" and "taxRule" in record:
        record |= {"taxRule": None, "taxType": record.get("taxType") or "default"}
    strange = switches.unlisted_status == "on" and resource in {"Invoice", "CreditNote"}
    if strange and record["id"].endswith("8"):
        record["status"] = "900"


def _is_cancelled(record: Record) -> bool:
    """Say whether an invoice was cancelled or cancels one: closed without a payment."""
    return record["status"] == "1000" and not record["paidAmount"] and record["invoiceType"] != "MA"


def _sign(record: Record, sign: str) -> None:
    minus = "-" if sign == "negative" else ""
    for name, value in record.items():
        if name.startswith("sum") and value not in (None, "0"):
            record[name] = minus + value.lstrip("-")


def _use_numbers(record: Record) -> None:
    """Write a position as sevDesk sends those of invoices: JSON numbers, and true for a quantity of 1."""
    for name, value in record.items():
        if name in _COUNTS:
            record[name] = True if value == "1" else _number(value)
        elif name in _FLAGS and value in {"0", "1"}:
            record[name] = value == "1"
        elif name.startswith(("price", "sum")) or name in {"discount", "priority"}:
            record[name] = _number(value)
    if str(record.get("taxRate")).isdigit():
        record["taxRate"] = f"{record['taxRate']}.00"


def _number(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Turn decimal text into the JSON number that says the same; anything else stays as it is."""
    if not isinstance(value, str):
        return value
    try:
        exact = Decimal(value)
    except ArithmeticError:
        return value
    if not exact.is_finite():
        return value
    if exact == exact.to_integral_value():
        return int(exact)
    return float(value) if Decimal(repr(float(value))) == exact else value
