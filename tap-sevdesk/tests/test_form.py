"""What was emitted in another form, by another map or with other columns, is emitted again."""

from collections.abc import Iterator
from typing import Any

import pytest
from sevdesk_sandbox import Sandbox
from tap_running import NOON, Outcome, put_one_of_each, run_tap

STREAMS = ("invoices", "invoice_positions", "parts", "tags")


@pytest.fixture
def books() -> Iterator[Sandbox]:
    """Serve an invoice with a position, a product and a tag, all made now."""
    with Sandbox(firm=False, now=NOON) as sandbox:
        put_one_of_each(sandbox)
        yield sandbox


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
    assert run_tap(books, *STREAMS, state=run.state, **after).kinds == {"STATE"}


def test_a_setting_that_a_stream_map_uses_counts_as_part_of_it(books: Sandbox) -> None:
    maps = {"stream_maps": {"tags": {"name": "config['mark'] + name"}}}
    before = run_tap(books, *STREAMS, **maps, stream_map_config={"mark": "a"})
    same = run_tap(books, *STREAMS, state=before.state, **maps, stream_map_config={"mark": "a"})
    assert same.kinds == {"STATE"}
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
    assert run.kinds == {"STATE"}


def test_a_new_column_of_positions_has_them_asked_for_again(books: Sandbox) -> None:
    before = run_tap(books, *STREAMS)
    books.clock.advance(minutes=10)
    maps = {"invoice_positions": {"new": "id"}}
    run = run_tap(books, *STREAMS, state=before.state, stream_maps=maps)
    assert [row["new"] for row in run.records("invoice_positions")] == ["10"]
    assert run.ids("invoices") == []
    assert run_tap(books, *STREAMS, state=run.state, stream_maps=maps).kinds == {"STATE"}


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
