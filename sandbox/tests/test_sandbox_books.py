"""Books changed by hand: tests of a client build their worlds with these."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal

import requests

from sevdesk_sandbox import Sandbox

Ask = Callable[..., requests.Response]


def test_a_record_put_by_hand_gets_an_id_the_present_and_every_field(empty: Sandbox) -> None:
    record = empty.books.put("Invoice", {"sumNet": "12.5"})
    assert (record["id"], record["objectName"], record["sumNet"]) == ("1", "Invoice", "12.5")
    assert record["create"] == record["update"] == "2026-06-30T14:00:00+02:00"
    assert record["paidAmount"] == 0
    assert empty.books.rows("Invoice") == [record]


def test_putting_it_again_changes_what_is_given_and_moves_update(empty: Sandbox) -> None:
    first = empty.books.put("Invoice", {"status": "200"})
    empty.clock.advance(minutes=5)
    second = empty.books.put("Invoice", {"id": first["id"], "paidAmount": 7})
    assert (second["status"], second["paidAmount"], second["create"]) == ("200", 7, first["create"])
    assert second["update"] == "2026-06-30T14:05:00+02:00"


def test_a_change_may_keep_its_update(empty: Sandbox) -> None:
    first = empty.books.put("Invoice", {})
    empty.clock.advance(minutes=5)
    second = empty.books.put("Invoice", {"id": first["id"], "paidAmount": 7, "update": first["update"]})
    assert second["update"] == first["update"]


def test_an_exact_record_is_taken_as_it_is(empty: Sandbox, ask: Ask) -> None:
    empty.books.put("Tag", {"id": "5", "update": None}, exact=True)
    assert ask(empty, "/Tag").json() == {"objects": [{"id": "5", "update": None}]}


def test_a_deleted_record_is_gone_from_lists_and_by_id(empty: Sandbox, ask: Ask) -> None:
    key = empty.books.put("Contact", {"name": "Muster AG"})["id"]
    empty.books.delete("Contact", key)
    assert ask(empty, "/Contact").json() == {"objects": []}
    assert ask(empty, f"/Contact/{key}").status_code == 400


def test_records_of_the_firm_can_be_changed_and_deleted_as_well() -> None:
    books = Sandbox(now="2024-12-01T12:00:00+00:00").books
    newest, second, *_ = books.rows("Invoice")
    books.put("Invoice", {"id": newest["id"], "header": "von Hand"})
    books.delete("Invoice", second["id"])
    after = books.rows("Invoice")
    assert after[0]["header"] == "von Hand"
    assert second["id"] not in {row["id"] for row in after}


def test_what_rows_returns_is_a_copy(empty: Sandbox) -> None:
    empty.books.put("Tag", {"name": "Messe"})
    empty.books.rows("Tag")[0]["name"] = "verdorben"
    assert empty.books.rows("Tag")[0]["name"] == "Messe"


def test_books_can_change_between_two_pages(empty: Sandbox, ask: Ask) -> None:
    for _ in range(4):
        empty.books.put("Tag", {})
    empty.on_request(
        lambda request: empty.books.put("Tag", {}) if ("offset", "2") in request.params else None
    )
    first = [row["id"] for row in ask(empty, "/Tag", limit=2).json()["objects"]]
    second = [row["id"] for row in ask(empty, "/Tag", limit=2, offset=2).json()["objects"]]
    assert (first, second) == (["4", "3"], ["3", "2"])


def test_a_benchmark_may_have_many_invoices_more(ask: Ask) -> None:
    """`size` invoices of three positions each, from its first year, found and listed like all others."""
    with Sandbox(now="2026-01-01T00:00:00+00:00", size=2000) as sandbox:
        rows = [row for row in sandbox.books.rows("Invoice") if str(row["invoiceNumber"]).startswith("WEB-")]
        assert len(rows) == len({row["id"] for row in rows}) == 2000
        contacts = {row["id"] for row in sandbox.books.rows("Contact")}
        assert {row["contact"]["id"] for row in rows} <= contacts
        assert {row["status"] for row in rows} == {"200", "1000"}
        assert all(float(row["sumNet"]) + float(row["sumTax"]) > 0 for row in rows)
        assert len({row["addressCity"] for row in rows}) > 10
        assert ask(sandbox, f"/Invoice/{rows[7]['id']}").json()["objects"] == [rows[7]]
        nets: dict[str, list[Decimal]] = defaultdict(list)
        for row in sandbox.books.rows("InvoicePos"):
            nets[row["invoice"]["id"]].append(Decimal(str(row["sumNet"])))
        assert all(
            len(nets[row["id"]]) == 3 and sum(nets[row["id"]]) == Decimal(row["sumNet"]) for row in rows
        )


def test_in_the_first_year_the_many_invoices_come_one_after_the_other() -> None:
    books = Sandbox(now="2025-03-01T00:00:00+00:00", size=1000).books
    early = sum(str(row["invoiceNumber"]).startswith("WEB-") for row in books.rows("Invoice"))
    assert 200 < early < 400
