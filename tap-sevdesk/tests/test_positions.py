"""Positions follow the documents that changed, by whichever way needs fewer requests."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sevdesk_sandbox import Sandbox
from sevdesk_sandbox.api import Answer, respond
from sevdesk_sandbox.server import Request
from tap_running import NOON, asked_by_streams, put_position, run_tap

from tap_sevdesk.positions import by_parent_is_cheaper

BOTH = ("invoices", "invoice_positions")


@pytest.fixture
def books() -> Iterator[Sandbox]:
    """Serve ten invoices of three positions each, made a day apart."""
    with Sandbox(firm=False, now=NOON) as sandbox:
        for i in range(1, 11):
            sandbox.books.put("Invoice", {"id": str(i)})
            for j in range(3):
                put_position(sandbox, f"{i}0{j}", str(i))
            sandbox.clock.advance(days=1)
        yield sandbox


def asked(sandbox: Sandbox) -> list[str]:
    """Return for each request of positions the invoice it was about, or 'all', or 'count'; forget the log."""
    found = [
        "count" if dict(r.params)["limit"] == "1" else dict(r.params).get("invoice[id]", "all")
        for r in sandbox.log
        if r.path == "/InvoicePos"
    ]
    sandbox.log.clear()
    return found


def test_a_full_run_takes_the_flat_list(books: Sandbox) -> None:
    run = run_tap(books, *BOTH, page_size=100)
    assert len(set(run.ids("invoice_positions"))) == 30
    assert asked(books) == ["all"]


def test_few_changed_documents_are_asked_for_one_by_one(books: Sandbox) -> None:
    before = run_tap(books, *BOTH, page_size=5)
    asked(books)
    books.books.put("Invoice", {"id": "3"})
    books.books.put("Invoice", {"id": "7"})
    run = run_tap(books, *BOTH, page_size=5, state=before.first_edition, lookback_seconds=0)
    assert sorted(asked(books)) == ["10", "3", "7", "count"]  # 10 bears the time of the bookmark itself
    assert {i[:-2] for i in run.ids("invoice_positions")} == {"10", "3", "7"}
    assert run.audit("invoice_positions")["complete"] is True


def test_many_changed_documents_make_the_flat_list_cheaper(books: Sandbox) -> None:
    before = run_tap(books, *BOTH, page_size=20)
    asked(books)
    for i in range(1, 7):
        books.books.put("Invoice", {"id": str(i)})
    run = run_tap(books, *BOTH, page_size=20, state=before.first_edition, lookback_seconds=0)
    assert set(asked(books)) == {"all"}
    assert {i[:-2] for i in run.ids("invoice_positions")} == {"1", "2", "3", "4", "5", "6", "10"}
    assert run.audit("invoice_positions")["distinct_records"] == 30


def test_the_flat_list_also_shows_positions_that_changed_alone(books: Sandbox) -> None:
    before = run_tap(books, *BOTH, page_size=100)
    put_position(books, "200", "2")
    run = run_tap(books, *BOTH, page_size=100, state=before.first_edition, lookback_seconds=0)
    assert "200" in run.ids("invoice_positions")


def test_without_a_changed_document_only_the_count_is_asked_for(books: Sandbox) -> None:
    before = run_tap(books, *BOTH, page_size=5)
    books.clock.advance(days=1)
    for i in range(1, 11):
        books.books.delete("Invoice", str(i))
    asked(books)
    run = run_tap(books, *BOTH, page_size=5, state=before.first_edition)
    assert asked(books) == ["count"]
    assert run.bookmark("invoice_positions") == before.bookmark("invoice_positions")


def test_the_documents_of_the_same_run_are_not_read_again(books: Sandbox) -> None:
    books.books.put("Invoice", {"id": "5"})  # changed later than any position
    books.clock.advance(minutes=1)
    before = run_tap(books, *BOTH, page_size=5)
    books.log.clear()
    run_tap(books, *BOTH, page_size=5, state=before.first_edition)
    assert len([request for request in books.log if request.path == "/Invoice"]) == 1


def test_deselected_documents_are_read_on_the_positions_account(books: Sandbox) -> None:
    before = run_tap(books, "invoice_positions", page_size=5)
    books.books.put("Invoice", {"id": "4"})
    books.log.clear()
    run = run_tap(books, "invoice_positions", page_size=5, state=before.first_edition, lookback_seconds=0)
    assert {i[:-2] for i in run.ids("invoice_positions")} == {"4", "10"}
    assert [request.path for request in asked_by_streams(books)] == ["/Invoice", *["/InvoicePos"] * 3]
    assert run.audit("invoice_positions")["requests"] == 4
    assert run.ids("invoices") == []


def test_positions_with_a_bookmark_follow_documents_without_one(books: Sandbox) -> None:
    before = run_tap(books, *BOTH, page_size=5)
    state = before.first_edition
    del state["bookmarks"]["invoices"]
    books.books.put("Invoice", {"id": "6"})
    run = run_tap(books, *BOTH, page_size=5, state=state, lookback_seconds=0)
    assert len(run.ids("invoices")) == 10
    assert {i[:-2] for i in run.ids("invoice_positions")} == {"6", "10"}


def test_positions_that_failed_once_catch_up_with_documents_that_did_not(books: Sandbox) -> None:
    before = run_tap(books, *BOTH, page_size=5)
    books.clock.advance(days=1)
    books.books.put("Invoice", {"id": "2"})
    books.clock.advance(days=1)
    books.books.put("Invoice", {"id": "6"})
    books.fail(path="/InvoicePos", status=422)
    broken = run_tap(books, *BOTH, page_size=5, state=before.first_edition)
    assert broken.error is not None
    assert broken.bookmark("invoices") != before.bookmark("invoices")
    assert broken.bookmark("invoice_positions") == before.bookmark("invoice_positions")
    books.clock.advance(days=1)
    again = run_tap(books, *BOTH, page_size=5, state=broken.first_edition)
    assert {"2", "6"} <= {i[:-2] for i in again.ids("invoice_positions")}
    assert again.bookmark("invoice_positions") == again.bookmark("invoices")


def test_positions_that_fail_after_the_first_document_are_not_complete(books: Sandbox) -> None:
    before = run_tap(books, *BOTH, page_size=5)
    books.books.put("Invoice", {"id": "3"})
    run = run_tap(
        books,
        *BOTH,
        page_size=5,
        state=before.first_edition,
        stream_maps={"invoice_positions": {"x": "float(nothing)"}},
    )
    assert "invoice_positions failed" in str(run.error)
    assert run.audit("invoice_positions")["complete"] is False
    assert run.bookmark("invoice_positions") == before.bookmark("invoice_positions")


def test_a_document_that_is_gone_when_its_positions_are_asked_for_does_no_harm(books: Sandbox) -> None:
    before = run_tap(books, *BOTH, page_size=5)
    books.books.put("Invoice", {"id": "5"})
    books.fail(path="/InvoicePos", status=404, nth=2)  # the first one is about their count
    run = run_tap(books, *BOTH, page_size=5, state=before.first_edition, lookback_seconds=0)
    assert run.error is None
    assert run.audit("invoice_positions")["complete"] is True


def test_positions_arrive_from_a_server_that_does_not_know_their_document(
    books: Sandbox,
) -> None:
    before = run_tap(books, *BOTH, page_size=5)
    books.books.put("Invoice", {"id": "5"})
    put_position(books, "501", "5")

    def refuse(request: Request) -> None:
        if any(name.startswith("invoice[") for name, _ in request.params):
            books.fail(path="/InvoicePos", status=404)

    books.on_request(refuse)
    run = run_tap(books, *BOTH, page_size=5, state=before.first_edition, lookback_seconds=0)
    assert run.error is None
    assert "501" in run.ids("invoice_positions")
    assert run.audit("invoice_positions")["complete"] is True


def test_a_document_changed_while_positions_are_read_is_followed_next_time(books: Sandbox) -> None:
    """Also when a position that was read is younger than that change."""
    before = run_tap(books, *BOTH, page_size=5)
    books.books.put("Invoice", {"id": "3"})

    def change(request: Request) -> None:
        if request.path == "/InvoicePos" and not changed:
            changed.append(request.path)
            books.clock.advance(minutes=5)
            books.books.put("Invoice", {"id": "8"})
            put_position(books, "803", "8")
            books.clock.advance(minutes=5)
            for invoice in ("3", "10"):
                put_position(books, f"{invoice}00", invoice)

    changed: list[str] = []
    books.on_request(change)
    between = run_tap(books, *BOTH, page_size=5, state=before.first_edition, lookback_seconds=0)
    assert "803" not in between.ids("invoice_positions")
    books.clock.advance(days=1)
    after = run_tap(books, *BOTH, page_size=5, state=between.first_edition, lookback_seconds=0)
    assert "803" in after.ids("invoice_positions")


def test_a_server_that_ignores_the_document_is_asked_once_and_reported(
    books: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    before = run_tap(books, *BOTH, page_size=5)
    books.switches.set(ignore="InvoicePos.*")
    for i in ("3", "7"):
        books.books.put("Invoice", {"id": i})
    asked(books)
    run = run_tap(books, *BOTH, page_size=5, state=before.first_edition, lookback_seconds=0)
    assert len(set(asked(books)) - {"count"}) == 1
    assert {i[:-2] for i in run.ids("invoice_positions")} == {"10", "3", "7"}
    assert run.audit("invoice_positions")["complete"] is True
    assert "ignores invoice[id]" in caplog.text


@pytest.mark.parametrize("document", ["3", "7"])
@pytest.mark.parametrize("names", [None, {"id": "9", "objectName": "Invoice"}], ids=["none", "another"])
def test_a_position_that_does_not_name_its_document_costs_the_others_none(
    books: Sandbox, monkeypatch: pytest.MonkeyPatch, names: dict[str, str] | None, document: str
) -> None:
    """It must not be taken for a server that ignores the question and has sent everything."""

    def odd(*asked: Any) -> Answer:
        answer = respond(*asked)
        if asked[3] == "/InvoicePos" and dict(asked[4]).get("invoice[id]") == document:
            body = json.loads(answer.body)
            body["objects"][0]["invoice"] = names
            answer.body = json.dumps(body).encode()
        return answer

    before = run_tap(books, *BOTH, page_size=5)
    for i in ("3", "7"):
        books.books.put("Invoice", {"id": i, "header": "changed"})
        for j in range(3):
            books.books.put("InvoicePos", {"id": f"{i}0{j}", "text": "changed"})
    monkeypatch.setattr("sevdesk_sandbox.sandbox.respond", odd)
    run = run_tap(books, *BOTH, page_size=5, state=before.state, lookback_seconds=0)
    assert set(run.ids("invoice_positions")) >= {"300", "301", "302", "700", "701", "702"}


@pytest.mark.parametrize(
    ("changed", "total", "page_size", "by_parent"),
    [
        (0, None, 500, True),  # nothing to follow: no request at all
        (1, None, 500, False),  # nothing known: the flat list tells its length for the next time
        (1, 400, 500, False),  # as many requests: the flat list shows more
        (2, 600, 500, True),
        (3, 600, 500, False),
        (11, 5000, 500, False),
        (10, 5000, 500, True),
    ],
)
def test_the_cheaper_way_is_chosen(changed: int, total: int | None, page_size: int, by_parent: bool) -> None:
    assert by_parent_is_cheaper(changed, total, page_size) is by_parent


@pytest.mark.parametrize(
    ("stream", "resource", "field", "parent"),
    [
        ("invoice_positions", "InvoicePos", "invoice", "Invoice"),
        ("credit_note_positions", "CreditNotePos", "creditNote", "CreditNote"),
        ("voucher_positions", "VoucherPos", "voucher", "Voucher"),
        ("order_positions", "OrderPos", "order", "Order"),
    ],
)
def test_each_kind_of_position_follows_its_own_documents(
    stream: str, resource: str, field: str, parent: str
) -> None:
    with Sandbox(firm=False, now=NOON) as sandbox:
        for i in range(1, 30):
            sandbox.books.put(parent, {"id": str(i)})
            sandbox.books.put(resource, {"id": f"{i}0", field: {"id": str(i), "objectName": parent}})
            sandbox.clock.advance(hours=1)
        before = run_tap(sandbox, stream, page_size=5)
        assert len(before.ids(stream)) == 29
        sandbox.books.put(parent, {"id": "7"})
        sandbox.log.clear()
        run = run_tap(sandbox, stream, page_size=5, state=before.first_edition, lookback_seconds=0)
        assert sorted(run.ids(stream)) == ["290", "70"]
        last = dict(sandbox.log[-1].params)
        assert (last[f"{field}[objectName]"], sandbox.log[-1].path) == (parent, f"/{resource}")


def edit_line(sandbox: Sandbox, position: str, invoice: str, name: str) -> None:
    """Change a position and leave its document as it is."""
    reference = {"id": invoice, "objectName": "Invoice"}
    sandbox.books.put("InvoicePos", {"id": position, "invoice": reference, "name": name})


@pytest.mark.parametrize("later", [0, 2, 120])
def test_a_position_saved_after_its_document_was_read_arrives_with_the_next_run(
    books: Sandbox, later: int
) -> None:
    first = run_tap(books, *BOTH, page_size=5)
    books.clock.advance(hours=1)
    books.books.put("Invoice", {"id": "7", "header": "edited"})
    books.clock.advance(seconds=20)
    second = run_tap(books, *BOTH, page_size=5, state=first.state)
    assert second.ids("invoices") == ["7"]
    books.clock.advance(seconds=later)
    edit_line(books, "701", "7", "late")
    books.clock.advance(hours=1)
    asked(books)
    third = run_tap(books, *BOTH, page_size=5, state=second.state)
    assert [row["name"] for row in third.records("invoice_positions")] == ["late"]
    assert third.ids("invoices") == []
    assert asked(books) == ["count", "7"]


def test_documents_that_changed_just_before_a_run_are_asked_for_once_more_and_not_for_ever(
    books: Sandbox,
) -> None:
    run = run_tap(books, *BOTH, page_size=5)
    for _ in range(3):
        books.clock.advance(minutes=30)
        books.books.put("Invoice", {"id": "3"})
        books.clock.advance(minutes=29)
        books.books.put("Invoice", {"id": "7"})
        books.clock.advance(minutes=1)
        asked(books)
        run = run_tap(books, *BOTH, page_size=5, state=run.state)
        assert sorted(asked(books)) == ["3", "7", "count"]
    books.clock.advance(hours=1)
    run = run_tap(books, *BOTH, page_size=5, state=run.state)
    assert asked(books) == ["count", "7"]
    for _ in range(3):
        books.clock.advance(hours=1)
        run = run_tap(books, *BOTH, page_size=5, state=run.state)
        assert asked(books) == ["count"]


def test_a_document_from_the_future_is_not_asked_for_with_each_run(books: Sandbox) -> None:
    books.books.put("Invoice", {"id": "7", "update": "2999-01-01T00:00:00+01:00"})
    run = run_tap(books, *BOTH, page_size=5)
    for _ in range(3):
        books.clock.advance(hours=1)
        asked(books)
        run = run_tap(books, *BOTH, page_size=5, state=run.state)
    assert asked(books) == ["count"]
