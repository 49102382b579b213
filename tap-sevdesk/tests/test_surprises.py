"""What BEHAVIOR.md says of lists, values and deletes, seen from outside: a sevDesk here, records there.

Each test puts a surprise into the sandbox's books and reads what the tap makes of it.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from sevdesk_sandbox import Sandbox
from tap_running import NOON, Outcome, run_tap

from tap_sevdesk.streams import SOURCES

IN_BERLIN = "2026-06-30T14:00:00+02:00"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Serve a sevDesk with empty books whose clock stands still."""
    with Sandbox(now=NOON, firm=False) as it:
        yield it


def only(run: Outcome, stream: str) -> dict[str, Any]:
    """Return the one record of a stream."""
    (record,) = run.records(stream)
    return record


def asked(sandbox: Sandbox, name: str) -> dict[str, list[str]]:
    """Return the values with which a parameter was sent, by path."""
    found: dict[str, list[str]] = {}
    for request in sandbox.log:
        for key, value in request.params:
            if key == name:
                found.setdefault(request.path, []).append(value)
    return found


# Lists leave things out


def test_invoices_of_every_type_and_status_arrive(sandbox: Sandbox) -> None:
    kinds = {(kind, "200") for kind in ("RE", "SR", "TR", "AR", "ER", "MA", "WKR")}
    kinds |= {("WKR", "50"), ("RE", "100"), ("RE", "750"), ("RE", "1000")}
    for kind, status in kinds:
        sandbox.books.put("Invoice", {"invoiceType": kind, "status": status})
    run = run_tap(sandbox, "invoices")
    assert {(row["invoiceType"], row["status"]) for row in run.records("invoices")} == kinds


def test_people_arrive_beside_companies(sandbox: Sandbox) -> None:
    sandbox.books.put("Contact", {"id": "1", "name": "Nachtwache GmbH"})
    sandbox.books.put("Contact", {"id": "2", "surename": "Jon", "familyname": "Schnee"})
    assert sorted(run_tap(sandbox, "contacts").ids("contacts")) == ["1", "2"]


def test_a_list_longer_than_sevdesks_default_page_arrives_whole(sandbox: Sandbox) -> None:
    for _ in range(101):
        sandbox.books.put("StaticCountry", {"code": "de"})
    assert len(run_tap(sandbox, "static_countries", page_size=1000).records("static_countries")) == 101


# What is asked for


def test_every_request_is_a_get_of_a_known_list_with_a_limit_that_sevdesk_accepts(sandbox: Sandbox) -> None:
    run_tap(sandbox, page_size=1000)
    assert {request.path for request in sandbox.log} == {source.path for source in SOURCES}
    for request in sandbox.log:
        assert request.method == "GET"
        assert 1 <= int(dict(request.params)["limit"]) <= 1000


def test_no_upper_bound_no_order_and_no_embedding_is_ever_asked_for(sandbox: Sandbox) -> None:
    sandbox.books.put("Invoice", {"id": "1"})
    sandbox.books.put("InvoicePos", {"invoice": {"id": "1", "objectName": "Invoice"}})
    run_tap(sandbox, state=run_tap(sandbox).state)
    assert {key for request in sandbox.log for key, _ in request.params} <= {
        "limit",
        "offset",
        "countAll",
        "showAll",
        "depth",
        "updateAfter",
        "invoice[id]",
        "invoice[objectName]",
    }


def test_only_the_four_documented_lists_are_asked_for_what_changed(sandbox: Sandbox) -> None:
    for source in SOURCES:
        sandbox.books.put(source.path.lstrip("/"), {})
    run_tap(sandbox, state=run_tap(sandbox).state)
    assert asked(sandbox, "updateAfter").keys() == {"/Invoice", "/Contact", "/Order", "/Voucher"}


def test_the_bound_is_sent_in_whole_seconds_and_one_second_early(sandbox: Sandbox) -> None:
    sandbox.books.put("Contact", {})
    sandbox.clock.advance(hours=2)
    run_tap(sandbox, "contacts", state=run_tap(sandbox, "contacts").state, lookback_seconds=60)
    assert asked(sandbox, "updateAfter") == {"/Contact": [str(1_782_820_800 - 60 - 1)]}


# Finding what changed


@pytest.mark.parametrize("bounds", ["inclusive", "exclusive"])
def test_a_row_changed_in_the_second_of_the_bookmark_is_not_missed(sandbox: Sandbox, bounds: str) -> None:
    sandbox.switches.set(bounds=bounds)
    sandbox.books.put("Contact", {"id": "1"})
    sandbox.clock.advance(hours=2)
    before = run_tap(sandbox, "contacts", lookback_seconds=0)
    sandbox.books.put("Contact", {"id": "2", "update": IN_BERLIN})
    again = run_tap(sandbox, "contacts", state=before.first_edition, lookback_seconds=0)
    assert sorted(again.ids("contacts")) == ["1", "2"]


def test_a_filter_that_is_ignored_brings_nothing_old_and_is_reported_once(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox.books.put("Contact", {"id": "1"})
    sandbox.clock.advance(hours=2)
    sandbox.books.put("Contact", {"id": "2"})
    before = run_tap(sandbox, "contacts")
    sandbox.switches.set(ignore="Contact.updateAfter")
    assert run_tap(sandbox, "contacts", state=before.first_edition).ids("contacts") == ["2"]
    assert sum("ignores updateAfter" in message for message in caplog.messages) == 1


@pytest.mark.parametrize("bounds", ["inclusive", "exclusive"])
def test_the_second_asked_for_in_vain_does_not_make_the_filter_look_ignored(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture, bounds: str
) -> None:
    sandbox.switches.set(bounds=bounds)
    sandbox.books.put("Contact", {"id": "1"})
    sandbox.clock.advance(seconds=1)
    sandbox.books.put("Contact", {"id": "2"})
    sandbox.clock.advance(hours=2)
    before = run_tap(sandbox, "contacts")
    assert run_tap(sandbox, "contacts", state=before.first_edition, lookback_seconds=0).ids("contacts") == [
        "2"
    ]
    assert not any("ignores updateAfter" in message for message in caplog.messages)


def test_a_list_without_a_filter_is_compared_and_only_changes_arrive(sandbox: Sandbox) -> None:
    sandbox.books.put("Part", {"id": "1"})
    sandbox.clock.advance(hours=2)
    sandbox.books.put("Part", {"id": "2"})
    run = run_tap(sandbox, "parts", state=run_tap(sandbox, "parts").first_edition)
    assert run.ids("parts") == ["2"]
    assert run.audit("parts")["distinct_records"] == 2


def test_a_record_without_update_arrives_every_time_and_moves_no_bookmark(sandbox: Sandbox) -> None:
    sandbox.books.put("Part", {"id": "1", "update": None}, exact=True)
    sandbox.books.put("Part", {"id": "2"}, exact=True)
    assert run_tap(sandbox, "parts").bookmark("parts") is None
    for key in ("3", "4"):
        sandbox.books.put("Part", {"id": key})
        sandbox.clock.advance(hours=2)
    before = run_tap(sandbox, "parts")
    after = run_tap(sandbox, "parts", state=before.first_edition)
    assert (sorted(before.ids("parts")), sorted(after.ids("parts"))) == (
        ["1", "2", "3", "4"],
        ["1", "2", "4"],
    )


def test_streams_whose_records_bear_no_update_arrive_whole_when_anything_has_changed(
    sandbox: Sandbox,
) -> None:
    sandbox.books.put("Tag", {"id": "1"})
    state = run_tap(sandbox, "tags").state
    sandbox.clock.advance(days=1)
    assert run_tap(sandbox, "tags", state=state).ids("tags") == []
    sandbox.books.put("Tag", {"id": "2"})
    assert sorted(run_tap(sandbox, "tags", state=state).ids("tags")) == ["1", "2"]


def test_a_full_read_repairs_what_update_did_not_show(sandbox: Sandbox) -> None:
    sandbox.books.put("Invoice", {"id": "1", "paidAmount": 0})
    sandbox.clock.advance(days=1)
    sandbox.books.put("Invoice", {"id": "2"})
    before = run_tap(sandbox, "invoices")
    sandbox.books.put("Invoice", {"id": "1", "paidAmount": 119, "update": IN_BERLIN})
    assert run_tap(sandbox, "invoices", state=before.first_edition).ids("invoices") == ["2"]
    paid = {row["id"]: row["paidAmount"] for row in run_tap(sandbox, "invoices").records("invoices")}
    assert paid["1"] == "119"


def test_positions_are_asked_for_by_the_documents_that_changed(sandbox: Sandbox) -> None:
    for key in ("1", "2", "3"):
        sandbox.books.put("Invoice", {"id": key})
        sandbox.books.put("InvoicePos", {"id": f"{key}0", "invoice": {"id": key, "objectName": "Invoice"}})
        sandbox.clock.advance(days=1)
    both = ("invoices", "invoice_positions")
    before = run_tap(sandbox, *both, page_size=1)
    sandbox.books.put("Invoice", {"id": "1", "status": "1000"})
    run = run_tap(sandbox, *both, state=before.first_edition, page_size=1, lookback_seconds=0)
    assert sorted(run.ids("invoice_positions")) == ["10", "30"]  # 3 was the last change before
    assert sorted(asked(sandbox, "invoice[id]")["/InvoicePos"]) == ["1", "3"]


# Values


def read_back(sandbox: Sandbox, **fields: object) -> dict[str, Any]:
    """Let an invoice with these fields pass through the tap."""
    sandbox.books.put("Invoice", fields)
    return only(run_tap(sandbox, "invoices"), "invoices")


def test_text_arrives_as_it_was_sent(sandbox: Sandbox) -> None:
    sent = {
        "sumNet": "0100.10",
        "status": "900",  # a code nobody has listed
        "smallSettlement": "0",
        "invoiceDate": "2024-04-08T00:00:00+02:00",
        "deliveryDate": "01.01.2020",
        "accountNextInvoice": "1647259198",
        "accountIntervall": "P0Y1M0W",
        "address": "Straße 1\nbeim Wall",
        "headText": "<p>Sehr geehrte &amp; liebe</p>\r\n",
        "addressStreet": "Südweg 15",
        "addressCity": None,
    }
    got = read_back(sandbox, **sent)
    assert {key: got[key] for key in sent} == sent


@pytest.mark.parametrize(
    ("sent", "got"),
    [(0, "0"), (119.1, "119.1"), (12345678.9, "12345678.9"), (True, "1"), (False, "0"), (None, None)],
)
def test_what_is_not_text_becomes_text_unrounded(sandbox: Sandbox, sent: object, got: str | None) -> None:
    assert read_back(sandbox, paidAmount=sent)["paidAmount"] == got


def test_parts_sent_as_numbers_or_as_text_arrive_alike(sandbox: Sandbox) -> None:
    sandbox.books.put("Part", {"price": "100", "stock": "2.5"})
    as_text = only(run_tap(sandbox, "parts"), "parts")
    sandbox.switches.set(part_numbers="number")
    assert only(run_tap(sandbox, "parts"), "parts") == as_text


def test_moments_of_creation_and_change_arrive_in_utc(sandbox: Sandbox) -> None:
    record = read_back(sandbox, create="2025-10-26T02:30:00+02:00", update="2025-10-26T02:10:00+01:00")
    assert record["create"] == "2025-10-26T00:30:00+00:00"
    assert record["update"] == "2025-10-26T01:10:00+00:00"


def test_a_reference_stays_a_reference_and_its_id_is_text(sandbox: Sandbox) -> None:
    record = read_back(sandbox, contact={"id": 7, "objectName": "Contact"}, origin=None)
    assert record["contact"] == {"id": "7", "objectName": "Contact"}
    assert record.get("origin") is None


def test_an_object_embedded_in_place_of_a_reference_is_kept_beside_it(sandbox: Sandbox) -> None:
    contact = {"id": 7, "objectName": "Contact", "name": "Wall & Söhne", "parent": {"id": "8"}}
    record = read_back(sandbox, contact=contact)
    assert record["contact"] == {"id": "7", "objectName": "Contact"}
    assert record["additional_fields"] == {"contact": contact}


def test_unknown_fields_arrive_as_they_were_sent_and_are_named_in_the_audit_trail(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    sent = {"secretWish": "a customer's wörds", "größe": [{"a": 12.50, "b": None}, True], "n": 10**30}
    sandbox.books.put("Invoice", sent)
    run = run_tap(sandbox, "invoices")
    assert only(run, "invoices")["additional_fields"] == sent
    assert run.audit("invoices")["unknown_fields"] == ["größe", "n", "secretWish"]
    assert "secretWish" in caplog.text
    assert "a customer's" not in caplog.text


def test_a_part_of_a_reference_that_is_no_text_is_not_called_unknown(sandbox: Sandbox) -> None:
    for key in "123":
        sandbox.books.put("Invoice", {"id": f"9{key}", "contact": {"id": 5, "objectName": "Contact"}})
    run = run_tap(sandbox, "invoices")
    assert {"id": "5", "objectName": "Contact"} in [row["contact"] for row in run.records("invoices")]
    assert "contact.id" not in run.audit("invoices")["unknown_fields"]


def test_the_pin_of_a_bank_account_arrives_nowhere(sandbox: Sandbox) -> None:
    account = {"id": "1", "objectName": "CheckAccount", "pin": "1234", "name": "Girokonto"}
    sandbox.books.put("CheckAccount", account)
    sandbox.books.put("CheckAccountTransaction", {"checkAccount": account, "new": [account]})
    run = run_tap(sandbox, "check_accounts", "check_account_transactions")
    assert "Girokonto" in str(run.messages)
    assert "1234" not in str(run.messages)
    assert "'pin'" not in str(run.messages)


def test_the_id_0_is_an_id(sandbox: Sandbox) -> None:
    sandbox.books.put("ContactAddress", {"id": "0", "contact": {"id": 0, "objectName": "Contact"}})
    sandbox.books.put("Part", {"id": "0"}, exact=True)
    run = run_tap(sandbox, "contact_addresses", "parts")
    assert only(run, "contact_addresses")["contact"] == {"id": "0", "objectName": "Contact"}
    assert run.ids("contact_addresses") + run.ids("parts") == ["0", "0"]


def test_fields_that_are_missing_do_no_harm(sandbox: Sandbox) -> None:
    sandbox.books.put("Invoice", {"id": "1", "sumNet": "1"}, exact=True)
    record = {"id": "1", "sumNet": "1", "additional_fields": None}
    assert only(run_tap(sandbox, "invoices"), "invoices") == record


def test_documents_of_both_bookkeeping_systems_arrive(sandbox: Sandbox) -> None:
    old = {"taxType": "custom", "taxSet": {"id": "5", "objectName": "TaxSet"}, "taxRule": None}
    new = {"taxType": None, "taxSet": None, "taxRule": {"id": "1", "objectName": "TaxRule"}}
    for tax in (old, new):
        got = read_back(sandbox, id="1", **tax)
        assert {key: got.get(key) for key in tax} == tax


def test_all_three_sets_of_amounts_arrive_and_no_sign_is_changed(sandbox: Sandbox) -> None:
    sums = {
        "sumGross": "-119",
        "sumGrossForeignCurrency": "-130.9",
        "sumGrossAccounting": "0",
        "currency": "USD",
    }
    got = read_back(sandbox, invoiceType="SR", **sums)
    assert {key: got[key] for key in sums} == sums


def test_a_cancelled_invoice_and_both_kinds_of_counterpart_arrive(sandbox: Sandbox) -> None:
    original = {"id": "1", "objectName": "Invoice"}
    sandbox.books.put("Invoice", {"id": "1", "status": "1000"})
    sandbox.books.put("Invoice", {"id": "2", "invoiceType": "SR", "origin": original})
    sandbox.books.put("CreditNote", {"bookingCategory": "UNDERACHIEVEMENT", "refSrcInvoice": original})
    run = run_tap(sandbox, "invoices", "credit_notes")
    assert sorted(run.ids("invoices")) == ["1", "2"]
    assert only(run, "credit_notes")["refSrcInvoice"] == original


# Deletes


def test_a_complete_full_read_tells_deleted_rows_by_not_bringing_them(sandbox: Sandbox) -> None:
    for key in ("1", "2"):
        sandbox.books.put("Contact", {"id": key})
    state = run_tap(sandbox, "contacts").state
    sandbox.books.delete("Contact", "1")
    sandbox.books.put("Contact", {"id": "2", "name": "Mauer"})
    hourly, nightly = run_tap(sandbox, "contacts", state=state), run_tap(sandbox, "contacts")
    assert (hourly.audit("contacts")["mode"], nightly.audit("contacts")["mode"]) == ("incremental", "full")
    assert nightly.ids("contacts") == ["2"]
    assert nightly.audit("contacts")["complete"] is True


def test_payments_arrive_with_their_signs_and_those_taken_back_are_not_brought_again(
    sandbox: Sandbox,
) -> None:
    for key, amount in (("1", 119), ("2", -15.5)):
        line = {"id": key, "objectName": "CheckAccountTransaction"}
        payment = {"id": key, "checkAccountTransaction": line, "amountPaid": amount}
        sandbox.books.put("CheckAccountTransactionLog", payment)
    payments = "check_account_transaction_logs"
    first = run_tap(sandbox, payments)
    assert {r["id"]: r["amountPaid"] for r in first.records(payments)} == {"1": "119", "2": "-15.5"}
    sandbox.books.delete("CheckAccountTransactionLog", "2")
    assert run_tap(sandbox, payments).ids(payments) == ["1"]


@pytest.mark.parametrize("update", ["0001-01-01T00:00:00+00:00", "1900-01-01T00:00:00+01:00"])
@pytest.mark.parametrize("resource", ["CostCentre", "Contact"])
def test_rows_dated_before_the_calendar_of_computers_fail_no_run(resource: str, update: str) -> None:
    """The server is not asked for what changed since a negative number of seconds: all of it did."""
    with Sandbox(firm=False, now=NOON) as sandbox:
        sandbox.books.put(resource, {"id": "1", "name": "alt", "update": update})
        stream = {"CostCentre": "cost_centres", "Contact": "contacts"}[resource]
        before = run_tap(sandbox, stream)
        assert before.ids(stream) == ["1"]
        sandbox.log.clear()
        run = run_tap(sandbox, stream, state=before.state)
        assert (run.error, run.ids(stream)) == (None, [])
        assert not any("updateAfter" in dict(request.params) for request in sandbox.log)
        sandbox.books.put(resource, {"id": "2", "name": "neu"})
        assert run_tap(sandbox, stream, state=run.state).ids(stream) == ["2"]
