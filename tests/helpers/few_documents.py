"""Documents as the API sends them, one at a time: a plain one, and what of it a test changes."""

from __future__ import annotations

from typing import Any

MONDAY, TUESDAY = "2026-06-01T03:00:00+00:00", "2026-06-02T03:00:00+00:00"


def invoice(number: str, gross: str | None = "119", **changes: Any) -> dict[str, Any]:
    """Return an open invoice of a firm without VAT."""
    plain = {
        "id": number,
        "objectName": "Invoice",
        "invoiceNumber": f"RE-{number}",
        "invoiceType": "RE",
        "status": "200",
        "create": "2026-05-04T10:00:00+02:00",
        "invoiceDate": "2026-05-04T00:00:00+02:00",
        "currency": "EUR",
        "sumNet": gross,
        "sumTax": "0",
        "sumGross": gross,
        "sumGrossForeignCurrency": "0",
        "paidAmount": 0,
        "addressCity": "Ulm",
    }
    return plain | changes


def credit_note(number: str, **changes: Any) -> dict[str, Any]:
    """Return a credit note over 10 euros."""
    plain = {
        "id": number,
        "objectName": "CreditNote",
        "creditNoteNumber": f"GU-{number}",
        "bookingCategory": "UNDERACHIEVEMENT",
        "status": "200",
        "create": "2026-05-05T10:00:00+02:00",
        "creditNoteDate": "2026-05-05T00:00:00+02:00",
        "currency": "EUR",
        "sumNet": "10",
        "sumTax": "0",
        "sumGross": "10",
    }
    return plain | changes


def taken_from(resource: str, number: str) -> dict[str, Any]:
    """Return a reference to a record."""
    return {"id": number, "objectName": resource}
