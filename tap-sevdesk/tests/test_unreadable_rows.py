"""Rows that cannot be read: their neighbours are loaded, they are named by their place, the run goes on."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sevdesk_sandbox import Sandbox
from sevdesk_sandbox.books import Books
from tap_running import NOON, SAME_EACH_TIME, run_tap

from tap_sevdesk.cut import too_deep

Spoil = Callable[..., None]

DEEP = b'{"id":"4","name":' + b'[{"a":' * 500 + b"1" + b"}]" * 500 + b"}"
ODD: dict[str, tuple[bytes, str, bool]] = {
    "null": (b"null", "it is null", False),
    "a number": (b"17", "it is not an object", False),
    "a text": (b'"gone"', "it is not an object", False),
    "a list": (b"[]", "it is not an object", False),
    "no id": (b'{"name":"Firma"}', "it has no id", False),
    "an id that is null": (b'{"id":null,"name":"Firma"}', "it has no id", False),
    "an empty id": (b'{"id":"","name":"Firma"}', "it has no id", False),
    "Latin-1": (b'{"id":"4","name":"M\xfcller"}', "its text is not UTF-8", True),
    "NaN": (b'{"id":"4","sumNet":NaN}', "it is not valid JSON", True),
    "Infinity": (b'{"id":"4","sumNet":-Infinity}', "it is not valid JSON", True),
    "half a surrogate": (b'{"id":"4","name":"\\ud800"}', "it is not valid JSON", True),
    "a bare line break": (b'{"id":"4","name":"a\nb"}', "it is not valid JSON", True),
    "a missing value": (b'{"id":"4","name":}', "it is not valid JSON", True),
    "a missing comma": (b'{"id":"4" "name":"x"}', "it is not valid JSON", True),
    "a bracket too few": (b'{"id":"4","name":[1,2}', "it is not valid JSON", True),
    "a quotation mark too few": (b'{"id":"4","name":"x}', "it is not valid JSON", True),
    "a quotation mark too many": (b'{"id":"4","name":"x""}', "it is not valid JSON", True),
    "a thousand levels": (DEEP, "it is nested deeper than 64 levels", True),
    "5,000 digits": (b'{"id":"4","name":' + b"9" * 5000 + b"}", "it holds a value out of range", True),
}


@pytest.fixture
def books(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """Serve seven contacts, 7 first, a user, and a tag; requests are repeated without a pause."""
    monkeypatch.setattr("tap_sevdesk.client.sleep", lambda _: None)
    with Sandbox(firm=False, now=NOON) as sandbox:
        sandbox.books.put("SevUser", {"id": "1"})
        sandbox.books.put("Tag", {"id": "1"})
        for i in range(7):
            sandbox.books.put("Contact", {"id": str(i + 1), "name": f"Firma {i}"})
            sandbox.clock.advance(minutes=1)
        yield sandbox


@pytest.fixture
def spoil(monkeypatch: pytest.MonkeyPatch) -> Spoil:
    """Let some contacts, or others, by id, be sent as these bytes."""
    right = Books.encode

    def spoil(sent: dict[str, bytes], kind: str = "Contact") -> None:
        def encode(self: Books, row: Any) -> bytes:
            spoilt = sent.get(row.id) if row.record["objectName"] == kind else None
            return right(self, row) if spoilt is None else spoilt

        monkeypatch.setattr(Books, "encode", encode)

    return spoil


def levels(value: Any) -> int:
    """Return how deeply objects and lists are nested in each other."""
    parts = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if parts is None else 1 + max(map(levels, parts), default=0)


@given(
    st.recursive(
        st.none() | st.text('a"\\[]{},', max_size=5),
        lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text('b"\\{[', max_size=2), parts),
        max_leaves=12,
    ),
    st.integers(0, 5),
)
@SAME_EACH_TIME
def test_levels_are_counted_outside_of_texts_only(value: Any, deepest: int) -> None:
    assert too_deep(json.dumps(value).encode(), deepest) is (levels(value) > deepest)


EXTREME = {
    "4,301 digits": (b"9" * 4301, "it holds a value out of range"),
    "4,301 digits, negative": (b"-" + b"9" * 4301, "it holds a value out of range"),
    "64 levels": (b"[" * 64 + b"]" * 64, "it is nested deeper than 64 levels"),
    "500 levels": (b'{"a":' * 500 + b"1" + b"}" * 500, "it is nested deeper than 64 levels"),
    "5,000 levels": (b"[" * 5000 + b"]" * 5000, "it is nested deeper than 64 levels"),
    "half a surrogate": (b'"\\ud800"', "it is not valid JSON"),
    "NaN": (b"NaN", "it is not valid JSON"),
}


@pytest.mark.parametrize("place", [b'"new":%s', b'"new":{"a":[{"b":%s}]}', b'"parent":{"id":"1","new":[%s]}'])
@pytest.mark.parametrize("kind", EXTREME)
@pytest.mark.parametrize("like_it", ["beside simple values", "beside such values"])
def test_an_extreme_value_in_an_unknown_field_costs_its_row_and_no_other(
    books: Sandbox, spoil: Spoil, kind: str, place: bytes, like_it: str
) -> None:
    """However it is learned what the field may hold, from rows before it."""
    content, reason = EXTREME[kind]
    usual = place % (b'{"c":[[1],{"d":2.5}]}' if like_it == "beside such values" else b"5")
    others = {key: b'{"id":"%s",%s}' % (key.encode(), usual) for key in ("7", "6", "5", "3", "2", "1")}
    spoil(others | {"4": b'{"id":"4",%s}' % (place % content)})
    run = run_tap(books, "contacts", page_size=2)
    assert run.error is None
    assert run.ids("contacts") == ["7", "6", "5", "3", "2", "1"]
    assert [(row["id"], row["reason"]) for row in run.audit("contacts")["unreadable_rows"]] == [("4", reason)]
    again = run_tap(books, "contacts", page_size=2, state=run.state)
    assert (again.error, again.audit("contacts")["incomplete_because"]) == (None, "unreadable rows")


@pytest.mark.parametrize(
    "content", [b"9" * 4300, b"[" * 60 + b"]" * 60, b"0." + b"9" * 5000, b'"%s"' % (b"9" * 5000)]
)
@pytest.mark.parametrize("place", [b'"new":%s', b'"new":{"a":[{"b":%s}]}'])
def test_a_value_just_within_the_limits_arrives_with_the_row(
    books: Sandbox, spoil: Spoil, content: bytes, place: bytes
) -> None:
    spoil({key: b'{"id":"%s",%s}' % (key.encode(), place % content) for key in ("7", "4", "2")})
    run = run_tap(books, "contacts")
    assert run.ids("contacts") == ["7", "6", "5", "4", "3", "2", "1"]
    assert run.audit("contacts")["complete"] is True
    assert run_tap(books, "contacts", state=run.state).error is None


@pytest.mark.parametrize("page_size", [1, 3, 500])
@pytest.mark.parametrize("kind", ODD)
def test_an_unreadable_row_is_named_by_its_place_and_costs_no_other(
    books: Sandbox, spoil: Spoil, kind: str, page_size: int, caplog: pytest.LogCaptureFixture
) -> None:
    sent, reason, has_id = ODD[kind]
    spoil({"4": sent})
    run = run_tap(books, "contacts", "tags", page_size=page_size)
    audit = run.audit("contacts")
    assert run.error is None
    assert sorted(run.ids("contacts")) == ["1", "2", "3", "5", "6", "7"]
    assert run.ids("tags") == ["1"]
    assert (audit["complete"], audit["incomplete_because"]) == (False, "unreadable rows")
    (place,) = audit["unreadable_rows"]
    assert (place["offset"], place["page"]) == (3, 3 // page_size + 1)
    assert (place["after_id"], place["before_id"], place["id"]) == ("5", "3", "4" if has_id else None)
    assert place["reason"] == reason
    assert reason in caplog.text
    assert "Firma" not in caplog.text
    assert "ller" not in caplog.text
    assert run.audit("tags")["complete"] is True


# the books stay as they are, and each example spoils anew
@settings(SAME_EACH_TIME, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example({3: "a quotation mark too few", 2: "null"}, 500)
@example({3: "a quotation mark too few", 2: "a number"}, 500)
@example({3: "a quotation mark too few", 2: "a text"}, 500)
@example({2: "a quotation mark too few", 1: "a text"}, 500)
@given(
    st.dictionaries(st.integers(1, 7), st.sampled_from(sorted(ODD)), max_size=7),
    st.sampled_from([1, 2, 3, 500]),
)
def test_any_rows_of_a_page_may_be_unreadable_each_in_its_way(
    books: Sandbox, spoil: Spoil, kinds: dict[int, str], page_size: int
) -> None:
    spoil({str(i): ODD[kind][0].replace(b'"id":"4"', b'"id":"%d"' % i) for i, kind in kinds.items()})
    run = run_tap(books, "contacts", page_size=page_size)
    audit = run.audit("contacts")
    assert run.error is None
    assert sorted(run.ids("contacts")) == [str(i) for i in range(1, 8) if i not in kinds]
    assert sorted(row["offset"] for row in audit["unreadable_rows"] or []) == sorted(7 - i for i in kinds)
    assert audit["complete"] is (not kinds)


def test_the_first_the_last_and_all_rows_may_be_unreadable(books: Sandbox, spoil: Spoil) -> None:
    spoil({"7": b"null", "1": b"null"})
    run = run_tap(books, "contacts", page_size=3)
    places = [
        (row["offset"], row["after_id"], row["before_id"]) for row in run.audit("contacts")["unreadable_rows"]
    ]
    assert places == [(0, None, "6"), (6, "2", None)]
    spoil({str(i): b"null" for i in range(8)})
    run = run_tap(books, "contacts", page_size=3)
    audit = run.audit("contacts")
    assert ([row["offset"] for row in audit["unreadable_rows"]], audit["complete"]) == ([*range(7)], False)
    assert (run.error, run.ids("contacts")) == (None, [])


def test_a_page_that_breaks_off_is_no_page_with_an_unreadable_row(books: Sandbox) -> None:
    books.fail("invalid", path="/Contact")
    audit = run_tap(books, "contacts").audit("contacts")
    assert (audit["retries"], audit["complete"], audit["unreadable_rows"]) == (1, True, None)


def test_the_bookmark_moves_past_an_unreadable_row(books: Sandbox, spoil: Spoil) -> None:
    """A row that stays as it is must not have the list read again every hour; a full read repairs it."""
    spoil({"4": b'{"id":"4","sumNet":NaN}'})
    before = run_tap(books, "contacts")
    assert before.bookmark("contacts") is not None
    spoil({})
    books.clock.advance(hours=1)
    books.books.put("Contact", {"id": "7", "name": "changed"})
    assert run_tap(books, "contacts", state=before.state, lookback_seconds=0).ids("contacts") == ["7"]
    assert "4" in run_tap(books, "contacts").ids("contacts")


def test_a_list_that_is_read_whole_does_not_come_again_because_a_row_of_it_stays_unreadable(
    books: Sandbox, spoil: Spoil
) -> None:
    """Nothing is to be learned from its other rows; once it can be read, all of them are due."""
    books.books.put("Tag", {"id": "2"})
    spoil({"2": b'{"id":"2","name":NaN}'}, kind="Tag")
    before = run_tap(books, "tags")
    again = run_tap(books, "tags", state=before.state)
    assert (before.ids("tags"), again.ids("tags")) == (["1"], [])
    assert again.audit("tags")["incomplete_because"] == "unreadable rows"
    spoil({})
    healed = run_tap(books, "tags", state=again.state)
    assert (sorted(healed.ids("tags")), healed.audit("tags")["complete"]) == (["1", "2"], True)


def test_positions_of_a_document_that_cannot_be_read_arrive_all_the_same(
    books: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for i in ("1", "2"):
        books.books.put("Invoice", {"id": i})
        books.books.put("InvoicePos", {"id": f"{i}0", "invoice": {"id": i, "objectName": "Invoice"}})
    both = ("invoices", "invoice_positions")
    before = run_tap(books, *both, page_size=1)
    books.clock.advance(days=1)
    books.books.put("Invoice", {"id": "2"})
    books.books.put("InvoicePos", {"id": "20", "name": "changed", "update": NOON})
    right = Books.encode
    monkeypatch.setattr(
        Books,
        "encode",
        lambda self, row: (
            b'{"id":"2","sumNet":NaN}'
            if row.id == "2" and row.record["objectName"] == "Invoice"
            else right(self, row)
        ),
    )
    run = run_tap(books, *both, state=before.state, page_size=1, lookback_seconds=0)
    assert run.audit("invoices")["unreadable_rows"][0]["id"] == "2"
    assert "20" in run.ids("invoice_positions")
    assert run.audit("invoice_positions")["complete"] is True


def test_a_server_that_sends_no_good_row_at_all_is_not_asked_for_ever(books: Sandbox, spoil: Spoil) -> None:
    for number in range(8, 208):
        books.books.put("Contact", {"id": str(number), "name": "Firma"})
    spoil({str(number): b'{"id":"%d","name":"x}' % number for number in range(1, 208)})
    run = run_tap(books, "contacts", "tags", page_size=500)
    assert run.audit("contacts")["complete"] is False
    assert len([request for request in books.log if request.path.endswith("/Contact")]) < 500
    assert run.ids("tags") == ["1"]
