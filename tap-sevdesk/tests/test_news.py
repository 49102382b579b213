"""Only news is emitted: a record comes again when its content differs from what came last, and else not."""

import json
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sevdesk_sandbox import Sandbox
from tap_running import NOON, SAME_EACH_TIME, Outcome, run_tap

from tap_sevdesk.news import MOST, Digests, WholeList, digest
from tap_sevdesk.rows import Row

STREAMS = ("invoices", "invoice_positions", "parts", "tags")
HOUR = 3600


@pytest.fixture
def books() -> Iterator[Sandbox]:
    """Serve an invoice with a position, a product and a tag, all made now."""
    with Sandbox(firm=False, now=NOON) as sandbox:
        sandbox.books.put("Invoice", {"id": "1", "paidAmount": 0})
        put_position(sandbox, "10", "1")
        sandbox.books.put("Part", {"id": "1", "name": "Fackel"})
        sandbox.books.put("Tag", {"id": "1", "name": "eilig"})
        sandbox.clock.advance(minutes=1)
        yield sandbox


def put_position(sandbox: Sandbox, key: str, invoice: str, **fields: object) -> None:
    reference = {"id": invoice, "objectName": "Invoice"}
    sandbox.books.put("InvoicePos", {"id": key, "invoice": reference, **fields})


def record_of(sandbox: Sandbox, resource: str, key: str) -> dict[str, Any]:
    (record,) = [dict(row) for row in sandbox.books.rows(resource) if row["id"] == key]
    return record


def change_silently(sandbox: Sandbox, resource: str, key: str, **fields: object) -> None:
    """Change a record and leave its `update` as it is, as payments may do."""
    sandbox.books.put(resource, {**record_of(sandbox, resource, key), **fields}, exact=True)


def kinds(run: Outcome) -> set[str]:
    return {message["type"] for message in run.messages}


def test_a_run_without_news_emits_no_record_and_no_schema_and_its_state_says_when_it_looked(
    books: Sandbox,
) -> None:
    before = run_tap(books, *STREAMS)
    books.clock.advance(minutes=30)
    run = run_tap(books, *STREAMS, state=before.state)
    assert kinds(run) == {"STATE"}
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
    assert kinds(run) == {"STATE"}
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


def test_a_state_of_the_first_edition_is_read_without_reading_everything(books: Sandbox) -> None:
    books.clock.advance(days=1)
    books.books.put("Invoice", {"id": "2"})
    before = run_tap(books, *STREAMS)
    run = run_tap(books, *STREAMS, state=before.first_edition)
    assert run.ids("invoices") == ["2"]
    assert run.audit("invoices")["mode"] == "incremental"
    assert kinds(run_tap(books, *STREAMS, state=run.state)) == {"STATE"}


def test_a_full_refresh_emits_everything(books: Sandbox) -> None:
    before = run_tap(books, *STREAMS)
    again = run_tap(books, *STREAMS)
    for stream in STREAMS:
        assert again.records(stream) == before.records(stream)
        assert len(again.records(stream)) == 1


MAPS: dict[str, dict[str, Any]] = {
    "an alias": {"stream_maps": {"tags": {"__alias__": "labels"}, "parts": {"__alias__": "goods"}}},
    "a new column": {"stream_maps": {"tags": {"new": "name"}, "parts": {"new": "name"}}},
    "another value": {"stream_maps": {"tags": {"name": "name.upper()"}, "parts": {"name": "name.upper()"}}},
    "a pattern": {"stream_maps": {"[tp]a*s": {"name": "name.upper()"}}},
    "a copy": {"stream_maps": {"labels": {"__source__": "tags"}, "goods": {"__source__": "parts"}}},
    "a filter": {"stream_maps": {"tags": {"__filter__": "id != '2'"}, "parts": {"__filter__": "id != '2'"}}},
    "flattening": {"flattening_enabled": True, "flattening_max_depth": 1},
}


def emitted(run: Outcome, *names: str) -> set[tuple[str, str]]:
    return {(name, key) for name in names for key in run.ids(name)}


@pytest.mark.parametrize("direction", ["there", "and back"])
@pytest.mark.parametrize("kind", MAPS)
def test_a_new_stream_map_or_flattening_emits_again_what_was_emitted_without(
    books: Sandbox, kind: str, direction: str
) -> None:
    before, after = ({}, MAPS[kind]) if direction == "there" else (MAPS[kind], {})
    first = run_tap(books, *STREAMS, **before)
    run = run_tap(books, *STREAMS, state=first.state, **after)
    assert run.error is None
    anew = run_tap(books, *STREAMS, **after)
    names = ("tags", "parts", "labels", "goods")
    assert emitted(run, *names) == emitted(anew, *names) != set()
    assert run.audit("tags")["complete"] is True
    assert kinds(run_tap(books, *STREAMS, state=run.state, **after)) == {"STATE"}


def test_a_setting_that_a_stream_map_uses_counts_as_part_of_it(books: Sandbox) -> None:
    maps = {"stream_maps": {"tags": {"name": "config['mark'] + name"}}}
    before = run_tap(books, *STREAMS, **maps, stream_map_config={"mark": "a"})
    same = run_tap(books, *STREAMS, state=before.state, **maps, stream_map_config={"mark": "a"})
    assert kinds(same) == {"STATE"}
    run = run_tap(books, *STREAMS, state=same.state, **maps, stream_map_config={"mark": "b"})
    assert [row["name"] for row in run.records("tags")] == ["beilig"]
    assert emitted(run, "parts", "invoices") == set()


def test_streams_that_were_left_out_by_default_come_when_they_are_not_any_more(books: Sandbox) -> None:
    before = run_tap(books, *STREAMS, stream_maps={"parts": {}, "__else__": None})
    assert emitted(before, *STREAMS) == {("parts", "1")}
    run = run_tap(books, *STREAMS, state=before.state)
    assert emitted(run, "tags", "invoices") == {("tags", "1"), ("invoices", "1")}


def test_a_stream_map_of_another_stream_is_no_news(books: Sandbox) -> None:
    before = run_tap(books, *STREAMS)
    run = run_tap(books, *STREAMS, state=before.state, stream_maps={"vouchers": {"id": "id + 'x'"}})
    assert kinds(run) == {"STATE"}


def test_a_new_column_of_positions_has_them_asked_for_again(books: Sandbox) -> None:
    before = run_tap(books, *STREAMS)
    books.clock.advance(minutes=10)
    maps = {"invoice_positions": {"new": "id"}}
    run = run_tap(books, *STREAMS, state=before.state, stream_maps=maps)
    assert [row["new"] for row in run.records("invoice_positions")] == ["10"]
    assert run.ids("invoices") == []
    assert kinds(run_tap(books, *STREAMS, state=run.state, stream_maps=maps)) == {"STATE"}


def test_a_new_map_is_not_forgotten_when_its_first_run_fails(books: Sandbox) -> None:
    before = run_tap(books, *STREAMS)
    maps = {"tags": {"new": "name"}, "parts": {"new": "name"}}
    for path in ("/Tag", "/Part"):
        books.fail(path=path, status=422, nth=1)
    failed = run_tap(books, *STREAMS, state=before.state, stream_maps=maps)
    assert failed.error is not None
    run = run_tap(books, *STREAMS, state=failed.state, stream_maps=maps)
    assert [row["new"] for name in ("tags", "parts") for row in run.records(name)] == ["eilig", "Fackel"]


def test_a_new_map_that_is_taken_back_after_a_run_that_died_leaves_nothing_of_it(books: Sandbox) -> None:
    for stream, name in (("parts", "Fackel"), ("tags", "eilig")):
        before = run_tap(books, stream)
        dying = run_tap(books, stream, state=before.state, stream_maps={stream: {"name": "name.upper()"}})
        assert [row["name"] for row in dying.records(stream)] == [name.upper()]
        behind = next(i for i, m in enumerate(dying.messages) if m["type"] == "RECORD")
        state = [m["value"] for m in dying.messages[:behind] if m["type"] == "STATE"][-1]
        assert [row["name"] for row in run_tap(books, stream, state=state).records(stream)] == [name]


def test_a_new_schema_is_announced_even_without_news(books: Sandbox) -> None:
    books.clock.advance(days=1)
    books.books.put("Part", {"id": "2", "name": "Kerze"})
    books.books.delete("Part", "2")
    before = run_tap(books, *STREAMS)
    books.books.delete("Part", "1")
    run = run_tap(books, *STREAMS, state=before.state, stream_maps={"parts": {"new": "name"}})
    assert [m["stream"] for m in run.messages if m["type"] == "SCHEMA"] == ["parts"]


@pytest.mark.parametrize(
    "damage",
    [
        {"digests": "x"},
        {"digests": {"1": 7}},
        {"digests": {"1": "short"}},
        {"digests": {str(key): "A" * 11 for key in range(MOST + 1)}},
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
    assert kinds(run_tap(books, *STREAMS, page_size=5, state=run.state)) == {"STATE"}


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
