"""Only news is emitted: a record comes again when its content differs from what came last, and else not."""

import json
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sevdesk_sandbox import Sandbox
from tap_running import NOON, SAME_EACH_TIME, Outcome, put_one_of_each, put_position, run_tap

from tap_sevdesk.news import MOST, Digests, WholeList, digest
from tap_sevdesk.rows import Row

STREAMS = ("invoices", "invoice_positions", "parts", "tags")
HOUR = 3600


@pytest.fixture
def books() -> Iterator[Sandbox]:
    """Serve an invoice with a position, a product and a tag, all made now."""
    with Sandbox(firm=False, now=NOON) as sandbox:
        put_one_of_each(sandbox)
        yield sandbox


def record_of(sandbox: Sandbox, resource: str, key: str) -> dict[str, Any]:
    (record,) = [dict(row) for row in sandbox.books.rows(resource) if row["id"] == key]
    return record


def change_silently(sandbox: Sandbox, resource: str, key: str, **fields: object) -> None:
    """Change a record and leave its `update` as it is, as payments may do."""
    sandbox.books.put(resource, {**record_of(sandbox, resource, key), **fields}, exact=True)


def test_a_run_without_news_emits_no_record_and_no_schema_and_its_state_says_when_it_looked(
    books: Sandbox,
) -> None:
    before = run_tap(books, *STREAMS)
    books.clock.advance(minutes=30)
    run = run_tap(books, *STREAMS, state=before.state)
    assert run.kinds == {"STATE"}
    for stream in STREAMS:
        assert before.state["bookmarks"][stream]["checked_until"].startswith("2026-06-30T12:0")
        assert run.state["bookmarks"][stream]["checked_until"].startswith("2026-06-30T12:3")


def test_a_simulator_that_is_ahead_of_real_time_has_no_news_either() -> None:
    with Sandbox(firm=False, now=datetime(2126, 6, 30, tzinfo=timezone.utc)) as sandbox:
        sandbox.books.put("Invoice", {"id": "1"})
        sandbox.books.put("Invoice", {"id": "2", "update": "2127-01-01T00:00:00+01:00"}, exact=True)
        before = run_tap(sandbox, "invoices")
        assert run_tap(sandbox, "invoices", state=before.state).ids("invoices") == []


def test_a_list_that_stays_empty_is_no_news_and_its_first_record_is(books: Sandbox) -> None:
    before = run_tap(books, "contacts")
    assert before.audit("contacts")["mode"] == "full"
    run = run_tap(books, "contacts", state=before.state)
    assert run.kinds == {"STATE"}
    books.books.put("Contact", {"id": "1"})
    assert run_tap(books, "contacts", state=run.state).ids("contacts") == ["1"]


def test_content_makes_news_and_not_the_time_of_the_last_change(books: Sandbox) -> None:
    before = run_tap(books, *STREAMS)
    change_silently(books, "Invoice", "1", paidAmount=119)
    run = run_tap(books, *STREAMS, state=before.state)
    assert [row["paidAmount"] for row in run.records("invoices")] == ["119"]
    assert run.ids("parts") + run.ids("tags") + run.ids("invoice_positions") == []
    assert {row["stream"] for row in run.records("extractions")} == {"invoices"}


def test_a_list_that_is_read_whole_is_emitted_whole_when_anything_in_it_has_changed(books: Sandbox) -> None:
    books.books.put("Tag", {"id": "2", "name": "Mahnung"})
    before = run_tap(books, "tags")
    assert run_tap(books, "tags", state=before.state).ids("tags") == []
    books.switches.set(order="id-asc")
    assert run_tap(books, "tags", state=before.state).ids("tags") == []
    books.books.delete("Tag", "1")
    run = run_tap(books, "tags", state=before.state)
    assert run.ids("tags") == ["2"]
    assert (run.audit("tags")["mode"], run.audit("tags")["complete"]) == ("full", True)


def merged(state: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """Merge a state into the one before as Meltano does with --merge-state, and after --full-refresh."""
    for key, value in state.items():
        if isinstance(value, dict):
            before[key] = merged(value, before.get(key, {}))
        else:
            before[key] = value
    return before


def test_states_that_are_merged_into_the_one_before_bring_nothing_but_news(books: Sandbox) -> None:
    state: dict[str, Any] = {}
    for name in ("Fackel", "Kerze", "Lampe"):
        books.clock.advance(hours=2)
        books.books.put("Part", {"id": "1", "name": name})
        run = run_tap(books, *STREAMS, state=json.loads(json.dumps(state)))
        for message in run.messages:
            if message["type"] == "STATE":
                state = merged(message["value"], state)
    assert run.ids("parts") == ["1"]
    assert [run.ids(stream) for stream in ("invoices", "invoice_positions", "tags")] == [[], [], []]
    assert [row["stream"] for row in run.records("extractions")] == ["parts"]


def test_digests_of_records_that_left_the_lookback_leave_a_state_that_is_merged_into_the_one_before(
    books: Sandbox,
) -> None:
    before = run_tap(books, "invoices", "parts")
    books.clock.advance(days=1)
    books.books.put("Part", {"id": "2"})
    run = run_tap(books, "invoices", "parts", state=json.loads(json.dumps(before.state)))
    state = merged(run.state, before.state)
    assert state["bookmarks"]["parts"] == run.state["bookmarks"]["parts"]


def test_digests_as_the_last_version_wrote_them_are_understood(books: Sandbox) -> None:
    before = run_tap(books, *STREAMS)
    for entry in before.state["bookmarks"].values():
        if entry.get("digests"):
            entry["digests"] = {each[12:]: each[:11] for each in entry["digests"]}
    assert run_tap(books, *STREAMS, state=before.state).kinds == {"STATE"}


def test_a_state_of_the_first_edition_is_read_without_reading_everything(books: Sandbox) -> None:
    books.clock.advance(days=1)
    books.books.put("Invoice", {"id": "2"})
    before = run_tap(books, *STREAMS)
    run = run_tap(books, *STREAMS, state=before.first_edition)
    assert run.ids("invoices") == ["2"]
    assert run.audit("invoices")["mode"] == "incremental"
    assert run_tap(books, *STREAMS, state=run.state).kinds == {"STATE"}


def test_a_full_refresh_emits_everything(books: Sandbox) -> None:
    before = run_tap(books, *STREAMS)
    again = run_tap(books, *STREAMS)
    for stream in STREAMS:
        assert again.records(stream) == before.records(stream)
        assert len(again.records(stream)) == 1


@pytest.mark.parametrize(
    "damage",
    [
        {"digests": "x"},
        {"digests": {"1": 7}},
        {"digests": {"1": "short"}},
        {"digests": {str(key): "A" * 11 for key in range(MOST + 1)}},
        {"digests": ["A" * 11 + "1"]},
        {"digests": [7]},
        {"list": 5},
        {"list": "nonsense"},
    ],
)
def test_a_damaged_memory_costs_repetition_and_a_remark(
    books: Sandbox, damage: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    before = run_tap(books, *STREAMS)
    for stream in STREAMS:
        before.state["bookmarks"][stream] |= damage
    run = run_tap(books, *STREAMS, state=before.state)
    assert run.error is None
    emitted_again = run.ids("tags") if "list" in damage else run.ids("invoices")
    assert emitted_again == ["1"]
    assert "is damaged" in caplog.text


def test_a_run_that_dies_behind_a_record_makes_the_next_one_emit_it_again(books: Sandbox) -> None:
    """Also when the record has meanwhile become again what had been emitted before."""
    before = run_tap(books, "parts")
    change_silently(books, "Part", "1", name="Kerze")
    dying = run_tap(books, "parts", state=before.state)
    behind = next(i for i, m in enumerate(dying.messages) if m["type"] == "RECORD")
    state = [m["value"] for m in dying.messages[:behind] if m["type"] == "STATE"][-1]
    change_silently(books, "Part", "1", name="Fackel")
    assert [row["name"] for row in run_tap(books, "parts", state=state).records("parts")] == ["Fackel"]


def test_positions_are_asked_for_by_documents_that_are_news_only(books: Sandbox) -> None:
    for key in ("2", "3"):
        books.books.put("Invoice", {"id": key})
        for number in range(5):
            put_position(books, f"{key}{number}", key)
    books.clock.advance(minutes=10)
    before = run_tap(books, *STREAMS, page_size=5)
    change_silently(books, "Invoice", "2", paidAmount=5)
    books.log.clear()
    run = run_tap(books, *STREAMS, page_size=5, state=before.state)
    asked = [dict(request.params).get("invoice[id]") for request in books.log]
    assert {key for key in asked if key} == {"2"}
    assert run.ids("invoice_positions") == []
    put_position(books, "21", "2", text="neu")
    change_silently(books, "Invoice", "2", paidAmount=6)
    again = run_tap(books, *STREAMS, page_size=5, state=run.state)
    assert again.ids("invoice_positions") == ["21"]


@pytest.mark.parametrize("path", ["/Invoice", "/InvoicePos"])
def test_positions_of_a_document_that_was_news_in_a_run_that_failed_are_not_missed(
    books: Sandbox, path: str
) -> None:
    for number in range(20):
        put_position(books, f"5{number}", "5")
    books.clock.advance(minutes=1)
    before = run_tap(books, *STREAMS, page_size=5)
    change_silently(books, "Invoice", "1", paidAmount=5)
    put_position(books, "10", "1", text="neu", update="2026-06-30T14:00:00+02:00")
    books.fail(path=path, status=422, nth=1)
    failed = run_tap(books, *STREAMS, page_size=5, state=before.state)
    assert failed.error is not None
    after = run_tap(books, *STREAMS, page_size=5, state=failed.state)
    assert failed.ids("invoice_positions") + after.ids("invoice_positions") == ["10"]


def test_a_position_without_a_change_of_its_document_is_found_by_the_count(books: Sandbox) -> None:
    for number in range(10, 40):
        put_position(books, f"1{number}", "1")
    books.clock.advance(days=1)
    books.clock.advance(minutes=1)
    before = run_tap(books, *STREAMS, page_size=5)
    books.clock.advance(minutes=10)
    put_position(books, "99", "1")
    run = run_tap(books, *STREAMS, page_size=5, state=before.state)
    assert run.ids("invoices") == []
    assert run.ids("invoice_positions") == ["99"]
    assert run_tap(books, *STREAMS, page_size=5, state=run.state).kinds == {"STATE"}


def test_positions_of_new_documents_are_expected_by_the_count(books: Sandbox) -> None:
    for number in range(10, 40):
        put_position(books, f"1{number}", "1")
    books.clock.advance(minutes=10)
    before = run_tap(books, *STREAMS, page_size=5)
    books.clock.advance(minutes=10)
    books.books.put("Invoice", {"id": "2"})
    put_position(books, "20", "2")
    books.clock.advance(minutes=10)
    books.log.clear()
    run = run_tap(books, *STREAMS, page_size=5, state=before.state)
    assert run.ids("invoice_positions") == ["20"]
    paths = [request for request in books.log if request.path == "/InvoicePos"]
    assert len(paths) == 2


@pytest.mark.parametrize("recreated", [[], ["30", "31"], ["30", "31", "32"]])
def test_lines_that_an_edit_deletes_or_makes_anew_cost_no_read_of_all_lines(
    books: Sandbox, recreated: list[str]
) -> None:
    for number in range(10, 40):
        put_position(books, f"1{number}", "1")
    books.books.put("Invoice", {"id": "2"})
    for key in ("20", "21", "22"):
        put_position(books, key, "2")
    books.clock.advance(minutes=10)
    before = run_tap(books, *STREAMS, page_size=5)
    books.clock.advance(minutes=10)
    books.books.put("Invoice", {"id": "2", "header": "edited"})
    for key in ("20", "21", "22"):
        books.books.delete("InvoicePos", key)
    for key in recreated:
        put_position(books, key, "2")
    books.clock.advance(minutes=10)
    books.log.clear()
    run = run_tap(books, *STREAMS, page_size=5, state=before.state)
    assert sorted(run.ids("invoice_positions")) == recreated
    assert len([request for request in books.log if request.path == "/InvoicePos"]) == 2


def test_more_changes_than_are_remembered_come_again_and_nothing_is_missed() -> None:
    with Sandbox(firm=False, now=NOON) as sandbox:
        for key in range(MOST + 100):
            sandbox.books.put("Contact", {"id": str(key), "name": "Wall"})
        before = run_tap(sandbox, "contacts", page_size=1000)
        assert len(before.state["bookmarks"]["contacts"].get("digests", {})) <= MOST
        change_silently(sandbox, "Contact", "7", name="Mauer")
        run = run_tap(sandbox, "contacts", page_size=1000, state=before.state)
        assert "Mauer" in {row["name"] for row in run.records("contacts")}
        assert len(run.records("contacts")) <= MOST + 100


def row(key: int, update: int | None) -> Row:
    return Row(str(key), update, None, None)


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.none() | st.integers(0, 3 * HOUR), st.sampled_from("ab")), max_size=40
    )
)
@SAME_EACH_TIME
def test_what_is_remembered_is_always_what_was_emitted_last(seen: list[tuple[int, int | None, str]]) -> None:
    memory, last = Digests({}, HOUR), {}
    for key, update, content in seen:
        record = json.dumps({"id": key, "update": update, "content": content}).encode()
        if memory.news([row(key, update)], [record], 2 * HOUR):
            last[str(key)] = digest(record)
        else:
            assert last[str(key)] == digest(record)
    after = memory.after(0, keep_known=False)
    assert after.items() <= last.items()


def test_the_order_of_fields_and_of_rows_is_no_news() -> None:
    assert digest(b'{"a":1.50,"b":{"c":"x","d":null}}') == digest(b'{"b":{"d":null,"c":"x"},"a":1.50}')
    assert digest(b'{"a":"1"}') != digest(b'{"a":"2"}')
    one, other = WholeList(None), WholeList(None)
    one.add([b'{"id":"1"}', b'{"id":"2"}'])
    other.add([b'{"id":"2"}', b'{"id":"1"}'])
    assert one.digest == other.digest


CHANGES = st.lists(
    st.lists(
        st.tuples(
            st.sampled_from(["Invoice", "InvoicePos", "Part", "Tag"]),
            st.integers(1, 4),
            st.sampled_from("abc"),
            st.booleans(),
        ),
        max_size=3,
    ).flatmap(lambda changes: st.tuples(st.just(changes), st.none() | st.floats(0, 1))),
    min_size=1,
    max_size=5,
)
"""For each run, the changes before it, and how much of its output arrives if it dies."""


def arrived(run: Outcome, part: float | None) -> list[dict[str, Any]]:
    return run.messages if part is None else run.messages[: int(part * len(run.messages))]


def load(warehouse: dict[tuple[str, str], Any], messages: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Merge records by their keys, as targets do; return the keys of those that were there as they came."""
    repeated = []
    for message in messages:
        if message["type"] == "RECORD" and message["stream"] != "extractions":
            key = (message["stream"], message["record"]["id"])
            if warehouse.get(key) == message["record"]:
                repeated.append(key)
            warehouse[key] = message["record"]
    return repeated


@given(CHANGES)
@settings(SAME_EACH_TIME, max_examples=15)
def test_over_any_history_of_changes_and_crashes_the_warehouse_is_as_if_everything_had_been_emitted(
    history: list[tuple[list[tuple[str, int, str, bool]], float | None]],
) -> None:
    with Sandbox(firm=False, now=NOON) as sandbox:
        ours: dict[tuple[str, str], Any] = {}
        plain: dict[tuple[str, str], Any] = {}
        state: dict[str, Any] = {}
        plain_state: dict[str, Any] = {}
        died = False
        for changes, part in [*history, ([], None)]:
            sandbox.clock.advance(seconds=60)
            for resource, key, content, moves in changes:
                fields: dict[str, Any] = {"id": str(key), "name": content, "text": content}
                if resource == "InvoicePos":
                    fields["invoice"] = {"id": str(key), "objectName": "Invoice"}
                    sandbox.books.put("Invoice", {"id": str(key), "header": content})
                exists = any(each["id"] == str(key) for each in sandbox.books.rows(resource))
                if exists and not moves and resource != "InvoicePos":
                    change_silently(sandbox, resource, str(key), header=content, text=content)
                else:
                    sandbox.books.put(resource, fields)
            full = run_tap(sandbox, *STREAMS, state=plain_state)
            load(plain, full.messages)
            plain_state = full.first_edition
            run = run_tap(sandbox, *STREAMS, state=state)
            messages = arrived(run, part)
            repeated = load(ours, messages)
            state = next((m["value"] for m in reversed(messages) if m["type"] == "STATE"), state)
            assert died or not [key for key in repeated if key[0] != "tags"]
            died = died or part is not None
            if part is None:
                assert ours == plain
