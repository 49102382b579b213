"""What a sample of an account's rows shows of the way values are written: words, never the values.

Each answer is made of the samples by stream. Nothing is asked of sevDesk here.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Rows = Sequence[Mapping[str, Any]]
Samples = Mapping[str, Rows]
_SUMS = ("sumNet", "sumTax", "sumGross")
_COUNTRY = re.compile(r"[a-z]{2}")


def _kinds(rows: Rows, *fields: str) -> str:
    """Return as what JSON kinds these fields are sent, unset ones left out."""
    names = {str: "text", bool: "true and false", int: "numbers", float: "numbers"}
    found = {
        names.get(type(row[field]), "objects")
        for row in rows
        for field in fields
        if row.get(field) not in (None, "")
    }
    return " and ".join(sorted(found)) or "no row that says it"


def _sign(rows: Rows) -> str:
    sums = [str(row.get(field)) for row in rows for field in _SUMS]
    found = {
        "negative" if text.startswith("-") else "positive"
        for text in sums
        if text.strip("-0.") and text != "None"
    }
    return " and ".join(sorted(found)) or "no row that says it"


def _of_type(rows: Rows, kind: str) -> Rows:
    return [row for row in rows if row.get("invoiceType") == kind]


def _unset_references(samples: Samples) -> str:
    rows = samples.get("invoices", ())
    fields = ("origin", "paymentMethod", "costCentre")
    absent = any(field not in row for row in rows for field in fields)
    null = any(field in row and row[field] is None for row in rows for field in fields)
    return (
        " and ".join(word for word, seen in (("absent", absent), ("null", null)) if seen)
        or "no row that says it"
    )


def _accounting_sums(samples: Samples) -> str:
    rows = [
        row
        for name in ("invoices", "vouchers")
        for row in samples.get(name, ())
        if row.get("currency") == "EUR" and row.get("sumNetAccounting") is not None
    ]
    if not rows:
        return "no row that says it"
    differ = any(str(row[f"{name}Accounting"]) != str(row.get(name)) for row in rows for name in ("sumNet",))
    return "differ from the sums in some rows in EUR" if differ else "are the sums in every row in EUR"


def _escaped(samples: Samples) -> str:
    names = [
        str(row.get("name"))
        for name in ("contacts", "parts", "invoice_positions")
        for row in samples.get(name, ())
    ]
    if any(re.search(r"&(amp|lt|gt|quot|#\d+);", name) for name in names):
        return "HTML-escaped"
    return "plain" if any("&" in name for name in names) else "no name with a special character"


def _times_of_day(samples: Samples) -> str:
    rows = [*_of_type(samples.get("invoices", ()), "SR"), *samples.get("credit_notes", ())]
    dates = [
        str(row.get(field)) for row in rows for field in ("invoiceDate", "creditNoteDate") if row.get(field)
    ]
    if not dates:
        return "no row that says it"
    return (
        "bear a time of day" if any("T00:00:00" not in date and "T" in date for date in dates) else "midnight"
    )


def _country_codes(samples: Samples) -> str:
    codes = Counter(str(row.get("code")) for row in samples.get("static_countries", ()))
    twice = sorted(code for code, count in codes.items() if count > 1 and _COUNTRY.fullmatch(code))
    return f"more than once: {', '.join(twice)}" if twice else "each once"


def _cancelled(samples: Samples) -> str:
    invoices = samples.get("invoices", ())
    cancelled = {
        str(row["origin"].get("id"))
        for row in _of_type(invoices, "SR")
        if isinstance(row.get("origin"), dict)
    }
    rows = [row for row in invoices if str(row.get("id")) in cancelled]
    statuses = sorted(
        {str(row.get("status")) for row in rows if re.fullmatch(r"\d{2,4}", str(row.get("status")))}
    )
    if not rows:
        return "no row that says it"
    dated = "payDate set" if any(row.get("payDate") for row in rows) else "payDate null"
    return f"status {', '.join(statuses)}, {dated}"


def _statuses(samples: Samples) -> str:
    listed = {"50", "100", "200", "750", "1000"}
    found = {str(row.get("status")) for name in ("invoices", "credit_notes") for row in samples.get(name, ())}
    return ", ".join(sorted(code for code in found - listed if re.fullmatch(r"\d{1,5}", code))) or "none"


def _cities(samples: Samples) -> str:
    rows = samples.get("invoices", ())
    return (
        "sent"
        if any(row.get("addressCity") for row in rows)
        else "never sent"
        if rows
        else "no row that says it"
    )


def _unities(samples: Samples) -> str:
    rows = samples.get("unities", ())
    return "sent" if any(row.get("update") for row in rows) else "not sent" if rows else "no row that says it"


VALUES: tuple[tuple[str, str, Callable[[Samples], str]], ...] = (
    ("invoices", "sign of cancellations (SR)", lambda it: _sign(_of_type(it.get("invoices", ()), "SR"))),
    ("credit_notes", "sign of sums", lambda it: _sign(it.get("credit_notes", ()))),
    ("invoices", "a cancelled invoice", _cancelled),
    ("invoices", "accounting sums", _accounting_sums),
    ("invoices", "references that are not set", _unset_references),
    ("invoices", "addressCity", _cities),
    ("invoices", "paidAmount is sent as", lambda it: _kinds(it.get("invoices", ()), "paidAmount")),
    ("invoices", "statuses that are not listed", _statuses),
    ("invoices", "dates of cancellations and credit notes", _times_of_day),
    (
        "invoice_positions",
        "quantity is sent as",
        lambda it: _kinds(it.get("invoice_positions", ()), "quantity"),
    ),
    ("invoice_positions", "price is sent as", lambda it: _kinds(it.get("invoice_positions", ()), "price")),
    ("parts", "stock and price are sent as", lambda it: _kinds(it.get("parts", ()), "stock", "price")),
    ("contacts", "names", _escaped),
    ("static_countries", "codes", _country_codes),
    ("unities", "update", _unities),
)
"""Subject, question, and what answers it."""
