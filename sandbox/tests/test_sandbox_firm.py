"""What the made-up firm has in its books."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from sevdesk_sandbox import Sandbox
from sevdesk_sandbox.books import Books
from sevdesk_sandbox.clock import Clock, epoch_of
from sevdesk_sandbox.life import Life
from sevdesk_sandbox.records import BLANKS
from sevdesk_sandbox.switches import Switches

Rows = list[dict[str, Any]]
NOON = datetime(2026, 6, 30, 12, tzinfo=timezone.utc)


def books_at(moment: datetime, seed: int = 1) -> Books:
    return Books(Clock(moment), Switches(), Life(seed, 0))


def issued(rows: Rows) -> Rows:
    return [row for row in rows if row["status"] in {"200", "750", "1000"}]


@pytest.fixture(scope="module")
def invoices(firm: Sandbox) -> Rows:
    return firm.books.rows("Invoice")


def test_two_years_are_a_few_thousand_documents() -> None:
    rows = books_at(datetime(2026, 11, 1, tzinfo=timezone.utc)).table("Invoice")
    assert 3000 < len(rows) < 6000


def test_every_type_and_status_of_invoices_occurs(invoices: Rows) -> None:
    assert {row["invoiceType"] for row in invoices} == {"RE", "TR", "AR", "ER", "WKR", "MA", "SR"}
    assert {row["status"] for row in invoices} == {"50", "100", "200", "750", "1000"}
    assert {row["status"] for row in invoices if row["invoiceType"] == "WKR"} == {"50", "200"}


def test_drafts_have_no_number_and_numbers_are_unique(invoices: Rows) -> None:
    assert all(row["invoiceNumber"] is None for row in invoices if row["status"] == "100")
    numbers = Counter(row["invoiceNumber"] for row in issued(invoices) if row["invoiceType"] != "WKR")
    assert None not in numbers
    assert max(numbers.values()) == 1


def test_net_and_tax_are_gross_to_the_cent(firm: Sandbox) -> None:
    for row in firm.books.rows("Invoice") + firm.books.rows("CreditNote"):
        for kind in ("", "ForeignCurrency"):
            net, tax, gross = (Decimal(row[f"sum{name}{kind}"]) for name in ("Net", "Tax", "Gross"))
            assert net + tax == gross
            assert gross == round(gross, 2)


def test_positions_add_up_to_their_invoice(firm: Sandbox, invoices: Rows) -> None:
    lines: dict[str, list[dict[str, Any]]] = {}
    for line in firm.books.rows("InvoicePos"):
        lines.setdefault(line["invoice"]["id"], []).append(line)
    for row in invoices:
        if row["invoiceType"] in {"MA", "SR"}:
            continue
        net = sum(Decimal(str(line["sumNet"])) for line in lines[row["id"]])
        tolerance = Decimal("0.05") if row["currency"] != "EUR" else 0
        assert abs(net - Decimal(row["sumNet"]) - Decimal(row["sumDiscounts"])) <= tolerance


def test_a_reminder_repeats_the_sums_of_its_invoice(invoices: Rows) -> None:
    by_id = {row["id"]: row for row in invoices}
    reminders = [row for row in invoices if row["invoiceType"] == "MA"]
    assert len(reminders) > 50
    for row in reminders:
        parent = by_id[row["origin"]["id"]]
        assert parent["sumGross"] == row["sumGross"]
        assert int(parent["dunningLevel"]) >= int(row["dunningLevel"])


def test_a_cancelled_invoice_stays_with_nothing_paid_and_its_sr_takes_it_back(invoices: Rows) -> None:
    by_id = {row["id"]: row for row in invoices}
    reversals = [row for row in invoices if row["invoiceType"] == "SR"]
    assert len(reversals) > 20
    for row in reversals:
        original = by_id[row["origin"]["id"]]
        assert (original["status"], original["paidAmount"], original["payDate"]) == ("1000", 0, None)
        assert (row["status"], row["paidAmount"], row["payDate"]) == ("1000", 0, None)
        assert (epoch_of(original["update"]) or 0) >= (epoch_of(row["create"]) or 0)
        assert Decimal(row["sumNetAccounting"]) <= 0
        assert Decimal(row["sumGross"]) == -Decimal(original["sumGross"])


def test_credit_notes_take_back_paid_invoices_or_are_commissions(firm: Sandbox, invoices: Rows) -> None:
    by_id = {row["id"]: row for row in invoices}
    notes = firm.books.rows("CreditNote")
    kinds = Counter(row["bookingCategory"] for row in notes)
    assert set(kinds) == {"UNDERACHIEVEMENT", "PROVISION", "ROYALTY_ASSIGNED", "ROYALTY_UNASSIGNED"}
    for row in notes:
        if row["bookingCategory"] == "UNDERACHIEVEMENT":
            assert by_id[row["refSrcInvoice"]["id"]]["status"] == "1000"
            assert Decimal(row["sumGross"]) <= Decimal(by_id[row["refSrcInvoice"]["id"]]["sumGross"])
        else:
            assert "refSrcInvoice" not in row


def test_chains_share_an_order_and_their_final_invoice_bills_what_is_left(
    firm: Sandbox, invoices: Rows
) -> None:
    orders = {row["id"]: row for row in firm.books.rows("Order")}
    chains: dict[str, Rows] = {}
    for row in invoices:
        if row["invoiceType"] in {"TR", "AR", "ER"}:
            assert row["origin"]["objectName"] == "Order"
            chains.setdefault(row["origin"]["id"], []).append(row)
    whole = [rows for rows in chains.values() if any(row["invoiceType"] == "ER" for row in rows)]
    kinds = {tuple(sorted(row["invoiceType"] for row in rows)) for rows in whole}
    assert kinds == {("ER", "TR", "TR"), ("AR", "ER")}
    for rows in whole:
        order = orders[rows[0]["origin"]["id"]]
        assert sum(Decimal(row["sumNet"]) for row in rows) == Decimal(order["sumNet"])
        assert {row["currency"] for row in rows} == {"EUR"}


def test_foreign_documents_have_euros_and_their_own_currency_but_some_lack_a_rate(invoices: Rows) -> None:
    for currency, least, most in (("CHF", "0.90", "1.0"), ("USD", "1.0", "1.25")):
        foreign = [row for row in invoices if row["currency"] == currency]
        rated = [row for row in foreign if row["sumNetForeignCurrency"] != "0"]
        assert 0 < len(foreign) - len(rated) < len(rated)
        for row in rated:
            rate = Decimal(row["sumNetForeignCurrency"]) / Decimal(row["sumNet"])
            assert Decimal(least) < rate < Decimal(most)


def test_part_payers_and_skonto_payers_exist(invoices: Rows) -> None:
    assert any(0 < row["paidAmount"] < Decimal(row["sumGross"]) for row in invoices if row["status"] == "750")
    short = [
        row for row in invoices if row["status"] == "1000" and 0 < row["paidAmount"] < float(row["sumGross"])
    ]
    assert len(short) > 50
    assert all(row["payDate"] for row in invoices if row["paidAmount"])


def test_taxes_of_every_kind_occur_in_the_form_of_their_bookkeeping_system(invoices: Rows) -> None:
    rules = Counter(row["taxRule"]["id"] for row in invoices if "taxRule" in row)
    assert set(rules) == {"1", "2", "3", "5"}
    old = [row for row in invoices if "taxRule" not in row]
    assert {row["taxType"] for row in old} == {"ss"}
    assert all(row["sumTax"] == "0" for row in old)
    assert max(row["create"] for row in old if row["invoiceType"] == "RE") < "2025"
    assert all(row["taxType"] is None for row in invoices if "taxRule" in row)


def test_both_rates_of_tax_occur_on_positions(firm: Sandbox) -> None:
    assert {row["taxRate"] for row in firm.books.rows("InvoicePos")} == {"0.00", "7.00", "19.00"}


def test_towns_are_misspelt_or_stand_elsewhere_or_nowhere(firm: Sandbox, invoices: Rows) -> None:
    towns = {row["addressCity"] for row in invoices}
    assert {"München", "Muenchen", "Köln", "Wien", "Zürich", "Frankfurt am Main", "Frankfurt (Oder)"} <= towns
    frankfurts = {
        (row["addressZip"], row["addressCity"]) for row in invoices if "Frankfurt" in str(row["addressCity"])
    }
    assert {code for code, town in frankfurts if "Oder" in town} == {"15230"}
    without = [row for row in invoices if row["addressCity"] is None and "contact" in row]
    in_text = [row for row in without if re.search(r"\n[\w-]+ \w+", row["address"] or "")]
    addresses = {row["contact"]["id"] for row in firm.books.rows("ContactAddress")}
    only_contact = [row for row in without if not row["address"] and row["contact"]["id"] in addresses]
    nowhere = [row for row in without if not row["address"] and row["contact"]["id"] not in addresses]
    assert min(len(in_text), len(only_contact), len(nowhere)) > 10
    assert len(nowhere) < 0.05 * len(invoices)


def test_customers_are_companies_and_persons_in_several_countries(firm: Sandbox, invoices: Rows) -> None:
    contacts = firm.books.rows("Contact")
    persons = [row for row in contacts if row["name"] is None]
    assert all(row["surename"] and row["familyname"] for row in persons)
    ids = {row["id"] for row in contacts}
    assert any("parent" in row for row in persons)
    assert all(row["parent"]["id"] in ids for row in persons if "parent" in row)
    codes = {row["id"]: row["code"] for row in firm.books.rows("StaticCountry")}
    assert len(codes) > 150
    used = Counter(codes[row["addressCountry"]["id"]] for row in invoices)
    assert used["de"] > used["at"] > 0
    assert {"ch", "us", "fr"} <= set(used)


def test_no_reference_dangles(firm: Sandbox) -> None:
    ids = {name: {row["id"] for row in firm.books.rows(name)} for name in BLANKS}
    elsewhere = {"SevClient", "AccountDatev"}
    for name in BLANKS:
        for row in firm.books.rows(name):
            for field, value in row.items():
                if isinstance(value, dict) and value["objectName"] not in elsewhere:
                    assert value["id"] in ids[value["objectName"]], (name, row["id"], field)


def test_all_but_invoice_positions_and_payments_is_text_null_or_a_reference(firm: Sandbox) -> None:
    for name in BLANKS:
        rows = firm.books.rows(name)
        assert rows, name
        for row in rows:
            assert row["id"].isdigit()
            assert row["objectName"] == name
            for field, value in row.items():
                if field in {"paidAmount", "amountPaid"}:
                    assert isinstance(value, int | float)
                elif name == "InvoicePos" and not isinstance(value, dict):
                    assert value is None or isinstance(value, str | int | float)
                elif isinstance(value, dict):
                    assert set(value) == {"id", "objectName"}
                else:
                    assert value is None or isinstance(value, str), (name, field)


def test_times_are_berlin_time_to_the_second(firm: Sandbox) -> None:
    stamp = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0[12]:00")
    for name in BLANKS:
        for row in firm.books.rows(name):
            for field in {"create", "update"} & row.keys() if name != "Unity" else ["create"]:
                assert stamp.fullmatch(row[field])
                assert (epoch_of(row[field]) or 0) <= NOON.timestamp()


def test_dates_are_local_midnight_but_cancellations_credit_notes_and_bank_lines_have_a_time(
    firm: Sandbox, invoices: Rows
) -> None:
    timed = [row["invoiceDate"] for row in invoices if row["invoiceType"] == "SR"]
    timed += [row["creditNoteDate"] for row in firm.books.rows("CreditNote")]
    assert all("T00:00:00" not in date for date in timed)
    plain = [row["invoiceDate"] for row in invoices if row["invoiceType"] != "SR"]
    plain += [row["orderDate"] for row in firm.books.rows("Order")]
    plain += [row["voucherDate"] for row in firm.books.rows("Voucher")]
    assert all("T00:00:00+0" in date for date in plain)
    assert all("T12:00:00+0" in row["valueDate"] for row in firm.books.rows("CheckAccountTransaction"))


def test_units_bear_an_update_that_says_nothing(firm: Sandbox) -> None:
    assert {row["update"][:4] for row in firm.books.rows("Unity")} == {"1970"}


def test_invoice_positions_have_json_numbers_and_true_for_a_quantity_of_one(firm: Sandbox) -> None:
    rows = firm.books.rows("InvoicePos")
    assert any(row["quantity"] is True for row in rows)
    assert any(row["quantity"] == 3 for row in rows)
    assert any(len(str(row["priceGross"]).partition(".")[2]) > 2 for row in rows)
    assert all(isinstance(row["sumNet"], int | float) for row in rows)
    assert all(isinstance(row["quantity"], str) for row in firm.books.rows("OrderPos"))


def test_what_was_booked_differs_from_what_was_billed_where_less_was_paid(invoices: Rows) -> None:
    other = [row for row in invoices if row["sumNetAccounting"] != row["sumNet"]]
    assert len(other) > 50
    assert all(0 < row["paidAmount"] < Decimal(row["sumGross"]) for row in other)


def test_many_records_share_a_second(invoices: Rows) -> None:
    assert Counter(row["update"] for row in invoices).most_common(1)[0][1] > 10
    assert Counter(row["create"] for row in invoices).most_common(1)[0][1] > 5


def test_the_october_hour_that_comes_twice_has_invoices_in_both_turns(invoices: Rows) -> None:
    night = [row["create"] for row in invoices if row["create"].startswith("2025-10-26T02")]
    assert {stamp[19:] for stamp in night} == {"+02:00", "+01:00"}


def test_every_hour_creates_changes_and_deletes_records() -> None:
    """Hourly life: whatever hour is picked, wherever in it one looks first."""
    rng = Random(7)
    moments = sorted(NOON - timedelta(seconds=rng.randint(0, 500 * 86_400)) for _ in range(40))
    books = books_at(moments[0])
    for moment in moments:
        books._clock.set(moment)
        before = {row["id"]: row["update"] for row in books.rows("Invoice")}
        books._clock.advance(hours=1)
        after = {row["id"]: row["update"] for row in books.rows("Invoice")}
        assert after.keys() - before.keys(), moment
        assert before.keys() - after.keys(), moment
        changed = [key for key in before.keys() & after.keys() if after[key] > before[key]]
        assert changed, moment
        assert all((epoch_of(after[key]) or 0) > moment.timestamp() for key in changed)


def test_going_step_by_step_back_and_forth_leads_to_the_same_books_as_going_at_once() -> None:
    books = books_at(datetime(2024, 12, 24, tzinfo=timezone.utc))
    for days in (1, 0.1, 13.37, -9, 20):
        books._clock.advance(days=days)
        books.rows("Invoice")
    fresh = books_at(books._clock.now)
    assert all(books.rows(name) == fresh.rows(name) for name in BLANKS)


def test_before_its_founding_the_firm_has_no_books() -> None:
    assert books_at(datetime(2024, 10, 1, tzinfo=timezone.utc)).rows("Invoice") == []


def test_another_seed_is_another_firm() -> None:
    moment = datetime(2024, 11, 2, tzinfo=timezone.utc)
    assert books_at(moment, seed=2).rows("Contact") != books_at(moment, seed=3).rows("Contact")


def test_two_processes_with_the_same_seed_and_clock_have_the_same_bytes() -> None:
    code = """if True:
        import hashlib, json, sys
        from sevdesk_sandbox import Sandbox
        from sevdesk_sandbox.records import BLANKS
        books = Sandbox(now="2025-03-30T12:34:56+00:00").books
        text = json.dumps([books.rows(name) for name in BLANKS])
        sys.stdout.write(hashlib.sha256(text.encode()).hexdigest())
    """
    command = [sys.executable, "-c", code]
    processes = [
        subprocess.Popen(command, stdout=subprocess.PIPE, env={"PYTHONHASHSEED": seed}) for seed in "12"
    ]
    first, second = (process.communicate()[0] for process in processes)
    assert len(first) == 64
    assert first == second


def test_empty_books_do_without_faker() -> None:
    code = """if True:
        import sys, time
        from sevdesk_sandbox import Sandbox
        start = time.process_time()
        with Sandbox(firm=False) as sandbox:
            assert sandbox.books.rows("Invoice") == []
        assert time.process_time() - start < 0.05
        assert "faker" not in sys.modules
    """
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("moment", ["2026-06-30T12:00:00", "noon"])
def test_a_time_without_offset_or_that_is_none_is_refused_with_an_example(moment: str) -> None:
    with pytest.raises(ValueError, match="write it as in 2026-06-30T12:00:00"):
        Sandbox(now=moment)


def test_payments_are_linked_to_their_documents_by_the_transaction_log(firm: Sandbox, invoices: Rows) -> None:
    """`amountPaid` is a signed number; its sum for an invoice is what was paid, write-offs aside."""
    lines = {row["id"]: row for row in firm.books.rows("CheckAccountTransaction")}
    paid: Counter[str] = Counter()
    for row in firm.books.rows("CheckAccountTransactionLog"):
        assert "update" not in row
        assert Decimal(lines[row["checkAccountTransaction"]["id"]]["amount"]) == Decimal(
            str(row["amountPaid"])
        )
        if row["object"]["objectName"] == "Invoice":
            paid[row["object"]["id"]] += Decimal(str(row["amountPaid"]))  # type: ignore[assignment]
        if row["object"]["objectName"] == "CreditNote":
            assert row["amountPaid"] < 0
    invoiced = {row["id"]: Decimal(str(row["paidAmount"])) for row in invoices if row["paidAmount"]}
    assert len(paid) > 1000
    assert all(invoiced[key] >= amount for key, amount in paid.items())
    kinds = {row["object"]["objectName"] for row in firm.books.rows("CheckAccountTransactionLog")}
    assert kinds == {"Invoice", "Voucher", "CreditNote"}


def test_logs_of_documents_tell_their_changes_of_status(firm: Sandbox, invoices: Rows) -> None:
    changes = {(row["fromStatus"], row["toStatus"]) for row in firm.books.rows("InvoiceLog")}
    assert {("100", "200"), ("200", "750"), ("750", "1000"), ("200", "1000")} <= changes
    numbered = {row["id"] for row in invoices if row["sendType"] and row["invoiceType"] != "SR"}
    assert numbered == {row["invoice"]["id"] for row in firm.books.rows("InvoiceLog")}
