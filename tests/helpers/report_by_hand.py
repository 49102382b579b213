"""Rows of the report's tables, made by hand, and the page of them as text."""

import random
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import sevdesk_report

NOW = datetime(2026, 6, 30, 12, 0, tzinfo=UTC)
TODAY = date(2026, 6, 30)
MAX_AGE = timedelta(hours=3)
NEEDED = ("invoices", "credit_notes", "contacts", "contact_addresses", "static_countries")
Rows = dict[str, list[dict[str, Any]]]

CITIES = [
    ("München", "DE", "Deutschland"),
    ("Köln", "DE", "Deutschland"),
    ("Frankfurt am Main", "DE", "Deutschland"),
    ("Wien", "AT", "Österreich"),
    ("Zürich", "CH", "Schweiz"),
    ("Unknown", "ZZ", "Unknown"),
]


def document(net: str = "100.00", **changes: Any) -> dict[str, Any]:
    """Return a row of report_documents."""
    gross = Decimal(net) * Decimal("1.19")
    row: dict[str, Any] = {
        "number": "RE-1",
        "document_class": "invoice",
        "status_name": "paid",
        "invoice_date": "2026-06-15",
        "due_date": "2026-06-29",
        "days_overdue": 0,
        "bucket_order": 0,
        "customer_id": "7",
        "customer_name": "Muster GmbH",
        "country_code": "DE",
        "country_name": "Deutschland",
        "city": "Köln",
        "net_eur": net,
        "gross_eur": str(gross.quantize(Decimal("0.01"))),
        "open_eur": "0.00",
    }
    return row | changes


def stream(name: str, **changes: Any) -> dict[str, Any]:
    """Return a row of report_streams: a list that was read to its end just now."""
    return {
        "list_name": name,
        "data_as_of": NOW.isoformat(),
        "last_full_read_at": NOW.isoformat(),
        "last_read_is_complete": True,
        "count_agrees": True,
        "distinct_records": 7,
        "total_after": 7,
        "is_needed": True,
    } | changes


def status(**changes: Any) -> dict[str, Any]:
    """Return the row of report_status."""
    return {
        "account": "4711",
        "data_as_of": NOW.isoformat(),
        "last_change_at": (NOW - timedelta(minutes=20)).isoformat(),
        "rates_as_of": "2026-06-29",
        "foreign_documents": 0,
        "complete_since": None,
        "final_invoice_amounts": "unconfirmed",
    } | changes


def listed(count: int = 1, net: str = "100.00", **changes: Any) -> dict[str, Any]:
    """Return a row of report_listed: what sevDesk lists of one month, type and status."""
    row = {
        "invoice_month": "2026-06-01",
        "document_type": "RE",
        "document_type_name": "Rechnung",
        "status": "1000",
        "status_name": "Bezahlt",
        "exclusion_reason": None,
        "document_count": count,
        "listed_net_eur": net,
        "listed_gross_eur": net,
        "counted_net_eur": net,
        "counted_gross_eur": net,
    } | changes
    return row | ({"counted_net_eur": "0", "counted_gross_eur": "0"} if row["exclusion_reason"] else {})


def receivable(**changes: Any) -> dict[str, Any]:
    """Return a row of report_receivables."""
    return {
        "customer_id": "7",
        "customer_name": "Muster GmbH",
        "open_eur": "119.00",
        "overdue_eur": "119.00",
        "credit_notes_eur": "0.00",
        "balance_eur": "119.00",
        "oldest_due_date": "2026-05-01",
        "days_overdue": 60,
        "average_days_to_pay": "17.4",
        "document_count": 1,
    } | changes


def question(**changes: Any) -> dict[str, Any]:
    """Return a row of report_documents_in_question."""
    return {
        "document_source": "invoice",
        "sevdesk_id": "99",
        "number": "RE-99",
        "document_type": "RE",
        "status": "200",
        "date_sent": "30.02.2026",
        "net_sent": "1.234,56",
        "gross_sent": "1.469,13",
        "currency_sent": "EUR",
        "reason_code": "date_unreadable",
        "reason": "The date '30.02.2026' is no date.",
    } | changes


def voucher(**changes: Any) -> dict[str, Any]:
    """Return a row of report_income_vouchers."""
    return {
        "number": "BE-1",
        "voucher_date": "2026-06-03",
        "customer_name": "Kasse",
        "net_eur": "50.00",
        "tax_eur": "9.50",
        "gross_eur": "59.50",
        "status": "1000",
    } | changes


def final_invoice(number: str, at_stake: str, **changes: Any) -> dict[str, Any]:
    """Return a row of report_final_invoices."""
    return {
        "number": number,
        "sevdesk_id": "5",
        "invoice_date": "2026-05-05",
        "net_eur": "1000.00",
        "at_stake_eur": at_stake,
    } | changes


def rows(*documents: dict[str, Any], **tables: list[dict[str, Any]]) -> Rows:
    """Return the tables of the report with these documents, everything else as on a good day."""
    return {
        "report_status": [status()],
        "report_documents": list(documents),
        "report_streams": [stream(name) for name in NEEDED],
    } | tables


def books(size: int = 400, customers: int = 60, places: int = 0, years: int = 3, seed: int = 1) -> Rows:
    """Return books of `size` documents over `years` until TODAY, refunds and open items included."""
    chance = random.Random(seed)
    cities = CITIES + [(f"Neustadt {number}", "DE", "Deutschland") for number in range(places)]
    documents = []
    for number in range(size):
        day = TODAY - timedelta(days=chance.randrange(365 * years))
        customer = int(customers * chance.random() ** 2)
        city, code, country = cities[customer % len(cities)]
        net = Decimal(chance.randrange(1000, 900_000)) / 100
        refund = chance.random() < 0.05
        net = -net if refund else net
        gross = (net * Decimal("1.19")).quantize(Decimal("0.01"))
        still = not refund and chance.random() < (0.6 if day > TODAY - timedelta(days=40) else 0.04)
        due = day + timedelta(days=14)
        late = max(0, (TODAY - due).days) if still else 0
        documents.append(
            document(
                str(net),
                gross_eur=str(gross),
                open_eur=str(gross if still else Decimal(0)),
                number=f"{'GU' if refund else 'RE'}-{10_000 + (day - date(2000, 1, 1)).days}{number:05}",
                document_class="credit_note" if refund else "invoice",
                status_name="open" if still else "paid",
                invoice_date=day.isoformat(),
                due_date=None if refund else due.isoformat(),
                days_overdue=late,
                bucket_order=bucket(late) if still else 0,
                customer_id=str(1000 + customer),
                customer_name=f"Musterfirma {customer} GmbH & Co. KG",
                country_code=code,
                country_name=country,
                city=city,
            )
        )
    return rows(*documents, **outside_of(documents))


def outside_of(documents: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return what stands beside `documents`: what they owe, what sevDesk lists, and what is in no total."""
    owed: dict[str, list[dict[str, Any]]] = {}
    months: dict[str, list[dict[str, Any]]] = {}
    for each in documents:
        months.setdefault(each["invoice_date"][:7], []).append(each)
        if Decimal(each["open_eur"]):
            owed.setdefault(each["customer_id"], []).append(each)
    return {
        "report_receivables": [
            receivable(
                customer_id=customer,
                customer_name=each[0]["customer_name"],
                open_eur=str(still := sum(Decimal(one["open_eur"]) for one in each)),
                overdue_eur=str(sum(Decimal(one["open_eur"]) for one in each if one["days_overdue"])),
                credit_notes_eur="-10.00",
                balance_eur=str(still - 10),
                oldest_due_date=min(one["due_date"] for one in each),
                days_overdue=max(one["days_overdue"] for one in each),
                document_count=len(each),
            )
            for customer, each in owed.items()
        ],
        "report_listed": [
            *(
                listed(
                    len(each), str(sum(Decimal(one["net_eur"]) for one in each)), invoice_month=f"{month}-01"
                )
                for month, each in months.items()
            ),
            listed(3, "4500.00", status="100", status_name="Entwurf", exclusion_reason="draft"),
            listed(2, "900.00", document_type="MA", exclusion_reason="reminder, repeats its invoice"),
        ],
        "report_documents_in_question": [
            question(),
            question(
                number="RE-100",
                sevdesk_id="100",
                net_sent="1.234,56 EUR",
                reason_code="amount_unreadable",
                reason="The amount '1.234,56 EUR' is no number.",
            ),
        ],
        "report_income_vouchers": [voucher(), voucher(number="BE-2", voucher_date="2025-02-03")],
        "report_final_invoices": [
            final_invoice("RE-501", "1500.00"),
            final_invoice("RE-502", "20.50"),
        ],
    }


def bucket(days_overdue: int) -> int:
    """Return the place of a bucket, as receivables_ageing has it."""
    return 1 + (days_overdue > 0) + (days_overdue > 30) + (days_overdue > 60) + (days_overdue > 90)


def page_of(found: Rows, now: datetime = NOW, **options: Any) -> str:
    """Return the page of these rows, as text in German unless `options` say otherwise."""
    return sevdesk_report.render(sevdesk_report.read(found), now=now, max_age=MAX_AGE, **options)


def text(page: str) -> str:
    """Return what a reader without script sees."""
    bare = re.sub(r"<(style|script)\b.*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", bare)
