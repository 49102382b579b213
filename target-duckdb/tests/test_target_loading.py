"""Rows in tables: upsert, append, growing schemas, table versions, the `_sdc_*` columns."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from loading import (
    DATE_TIME,
    DECIMAL,
    INTEGER,
    NUMBER,
    OBJECT,
    STRING,
    Load,
    Rows,
    Run,
    activate,
    load_into,
    read,
    record,
    schema,
    state,
)


def test_a_record_with_a_known_key_replaces_its_row(load: Load, rows: Rows) -> None:
    load(schema(name=STRING, city=STRING), record(id=1, name="a", city="Ulm"), record(id=2, name="b"))
    load(schema(name=STRING, city=STRING), record(id=1, name="c"))
    assert rows("select id, name, city from raw.things order by id") == [(1, "c", None), (2, "b", None)]


def test_the_last_record_of_a_key_wins_within_a_batch(load: Load, rows: Rows) -> None:
    load(schema(name=STRING), *[record(id=n % 3, name=str(n)) for n in range(3000)])
    assert rows("select id, name from raw.things order by id") == [(0, "2997"), (1, "2998"), (2, "2999")]


def test_keys_are_compared_as_values_not_as_text(load: Load, rows: Rows) -> None:
    same = ("2024-01-01T00:00:00Z", "2024-01-01T01:00:00+01:00", "2023-12-31T23:00:00-01:00")
    keyed = schema(key=("at", "part"), at=DATE_TIME, part=INTEGER, name=STRING)
    load(keyed, record(at=same[0], part=None, name="first"), record(at=same[1], part=None, name="second"))
    assert rows("select name from raw.things") == [("second",)]
    load(keyed, record(at=same[2], part=None, name="third"))
    assert rows("select name from raw.things") == [("third",)]


def test_without_a_key_every_record_is_a_row(load: Load, rows: Rows) -> None:
    for _ in range(2):
        load(schema(key=(), name=STRING), record(name="a"), record(name="a"))
    assert rows("select name, count(*) from raw.things group by all") == [("a", 4)]


@settings(max_examples=20, deadline=None)
@given(keys=st.lists(st.integers(0, 9), max_size=40), size=st.integers(1, 10))
def test_the_same_input_twice_makes_the_same_table(
    tmp_path_factory: pytest.TempPathFactory, keys: list[int], size: int
) -> None:
    path = tmp_path_factory.mktemp("w") / "warehouse.duckdb"
    messages = [schema(n=INTEGER), *[record(id=key, n=n) for n, key in enumerate(keys)]]
    last = {key: n for n, key in enumerate(keys)}
    for _ in range(2):
        load_into(path, *messages, batch_size_rows=size)
        assert dict(read(path, "select id, n from raw.things")) == last


def test_nothing_but_a_schema_makes_an_empty_table(load: Load, rows: Rows) -> None:
    load(schema(name=STRING))
    assert rows("select count(*) from raw.things") == [(0,)]


def test_no_messages_at_all_are_fine(run: Run) -> None:
    assert run().returncode == 0


def test_a_new_property_becomes_a_column(load: Load, rows: Rows) -> None:
    load(schema(), record(id=1))
    load(schema(name=STRING), record(id=2, name="b"))
    assert rows("select id, name from raw.things order by id") == [(1, None), (2, "b")]


def test_a_property_that_goes_leaves_its_column_alone(load: Load, rows: Rows) -> None:
    load(schema(name=STRING), record(id=1, name="a"))
    load(schema(), record(id=2))
    assert rows("select id, name from raw.things order by id") == [(1, "a"), (2, None)]


@pytest.mark.parametrize(
    ("before", "after", "column"),
    [  # a property's type and value, those it has later, the column then
        ((INTEGER, 2**53 + 1), (STRING, "x"), [str(2**53 + 1), "x"]),
        ((INTEGER, 2**53 + 1), (NUMBER, 0.5), [str(2**53 + 1), "0.5"]),
        ((STRING, "x"), (INTEGER, 7), ["x", "7"]),
        ((OBJECT, {"a": 1}), (STRING, "x"), ['{"a":1}', "x"]),
        ((STRING, "x"), (OBJECT, {"a": 1}), ["x", '{"a":1}']),
        ((DATE_TIME, "2024-01-01T00:00:00Z"), (STRING, "x"), ["2024-01-01 00:00:00+00", "x"]),
        ((NUMBER, 9999999999999), (STRING, "x"), ["9999999999999", "x"]),
        ((NUMBER, -0.5), (STRING, "x"), ["-0.5", "x"]),
        ((NUMBER, 1e22), (STRING, "x"), ["1e+22", "x"]),
        ((DECIMAL, "1900.50"), (STRING, "x"), ["1900.5", "x"]),
        ((DECIMAL, "1900"), (STRING, "x"), ["1900", "x"]),
    ],
)
def test_a_property_of_another_type_turns_its_column_into_text_and_keeps_all_values(
    load: Load, rows: Rows, before: tuple[Any, Any], after: tuple[Any, Any], column: list[str]
) -> None:
    for number, (kind, value) in enumerate((before, after, before)):
        load(schema(x=kind), record(id=number, x=value))
    found = [value for (value,) in rows("select x from raw.things order by id")]
    assert found[:2] == column
    assert rows("select distinct typeof(x) from raw.things") == [("VARCHAR",)]


@pytest.mark.parametrize(
    ("kind", "sent", "text"),
    [
        (INTEGER, 1, "1"),
        (NUMBER, 1, "1"),
        (NUMBER, 1.5, "1.5"),
        (DECIMAL, "1.5", "1.5"),
        (DECIMAL, "10", "10"),
    ],
)
def test_a_key_that_turns_into_text_still_finds_its_row(
    load: Load, rows: Rows, kind: Any, sent: Any, text: str
) -> None:
    load(schema(key=("number",), number=kind, name=STRING), record(number=sent, name="old"))
    load(schema(key=("number",), number=STRING, name=STRING), record(number=text, name="new"))
    assert rows("select number, name from raw.things") == [(text, "new")]


@pytest.mark.parametrize("name", ["rowid", "batch", "t", "r", "j", "c1"])
def test_a_property_by_any_name_leaves_it_to_the_key_which_record_stays(
    load: Load, rows: Rows, name: str
) -> None:
    """DuckDB gives `rowid` and other names a meaning of its own, Oracle columns."""
    described: dict[str, Any] = {name: STRING}
    sent: list[dict[str, Any]] = [{"id": 1, name: value} for value in ("b", "a", None)]
    load(schema(**described), *[record(**values) for values in sent])
    assert rows(f'select id, "{name}" from raw.things') == [(1, None)]


def test_a_schema_that_changes_in_mid_run_keeps_the_order_of_records(load: Load, rows: Rows) -> None:
    load(
        schema(x=INTEGER),
        *[record(id=n, x=1) for n in range(5)],
        schema(x=STRING, y=STRING),
        *[record(id=n, x="new", y="new") for n in range(10)],  # a full batch, while the first five waited
        schema(x=STRING),
        record(id=0, x="newest"),
        batch_size_rows=10,
    )
    assert rows("select x, y, count(*), min(id) from raw.things group by all order by x") == [
        ("new", "new", 9, 1),
        ("newest", None, 1, 0),
    ]


def test_metadata_columns_say_when_a_row_was_read(load: Load, rows: Rows) -> None:
    load(schema(), record(id=1, version=None), record(id=2, version=5))
    assert rows(
        "select epoch(_sdc_extracted_at), _sdc_deleted_at, _sdc_table_version from raw.things order by id"
    ) == [
        (1782820800.0, None, None),
        (1782820800.0, None, 5),
    ]
    in_order = "_sdc_extracted_at < _sdc_batched_at and _sdc_batched_at <= _sdc_received_at"
    soon_after = "_sdc_sequence - epoch_ms(_sdc_received_at) between 0 and 60000"
    assert rows(f"select {in_order}, {soon_after} from raw.things") == [(True, True)] * 2


def test_metadata_columns_can_be_left_out(load: Load, rows: Rows) -> None:
    load(schema(name=STRING), record(id=1, name="a"), add_record_metadata=False)
    assert rows("from raw.things") == [(1, "a")]


def test_tables_go_to_the_schema_that_is_set(load: Load, rows: Rows) -> None:
    load(schema(), record(id=1), default_target_schema="my.own")
    assert rows('select id from "my.own".things') == [(1,)]


def test_a_stream_may_be_called_batch_in_the_schema_that_duckdb_has_by_itself(load: Load, rows: Rows) -> None:
    for name in ("old", "new"):
        load(schema("batch", name=STRING), record("batch", id=1, name=name), default_target_schema="main")
    assert rows("select id, name from main.batch") == [(1, "new")]


def test_a_new_table_version_marks_the_rows_of_the_old_one(load: Load, rows: Rows) -> None:
    load(schema(), record(id=1, version=1), record(id=2, version=1), activate(1))
    load(schema(), record(id=1, version=2), activate(2))
    assert rows("select id, _sdc_deleted_at is null from raw.things order by id") == [(1, True), (2, False)]


def test_a_marked_row_keeps_the_time_it_was_marked(load: Load, rows: Rows) -> None:
    load(schema(), record(id=1, version=1), activate(2))
    marked = rows("select epoch_us(_sdc_deleted_at) from raw.things")
    load(schema(), activate(3))
    assert rows("select epoch_us(_sdc_deleted_at) from raw.things") == marked


def test_a_marked_row_that_comes_back_is_alive(load: Load, rows: Rows) -> None:
    load(schema(), record(id=1, version=1), activate(1))
    load(schema(), activate(2))
    load(schema(), record(id=1, version=3), activate(3))
    assert rows("select id, _sdc_deleted_at from raw.things") == [(1, None)]


def test_rows_that_still_wait_are_marked_too(load: Load, rows: Rows) -> None:
    load(schema(), record(id=1, version=1), record(id=2, version=2), activate(2))
    assert rows("select id, _sdc_deleted_at is null from raw.things order by id") == [(1, False), (2, True)]


def test_rows_without_a_version_stay(load: Load, rows: Rows) -> None:
    load(schema(), record(id=1), activate(2), hard_delete=True)
    assert rows("select id, _sdc_deleted_at from raw.things") == [(1, None)]


def test_hard_delete_removes_the_rows_of_the_old_version(load: Load, rows: Rows) -> None:
    load(schema(), record(id=1, version=1), record(id=2, version=1), activate(1))
    load(schema(), record(id=1, version=2), activate(2), hard_delete=True)
    assert rows("select id from raw.things") == [(1,)]


def test_without_metadata_a_new_version_deletes_nothing_and_says_so(run: Run, rows: Rows) -> None:
    done = run(schema(), record(id=1, version=1), activate(2), add_record_metadata=False)
    assert "raw.things: old versions stay, as add_record_metadata is off" in done.stderr
    assert rows("select id from raw.things") == [(1,)]


def test_many_streams_are_all_loaded(load: Load, rows: Rows) -> None:
    names = [f"stream_{n}" for n in range(12)]
    load(*[schema(name) for name in names], *[record(name, id=n) for n in range(100) for name in names])
    assert [rows(f"select count(*) from raw.{name}") for name in names] == [[(100,)]] * 12


def test_the_last_state_comes_out_and_a_line_a_batch_says_what_was_loaded(run: Run) -> None:
    done = run(schema(), record(id=1), state(1), record(id=2), state(2))
    assert done.stdout == '{"bookmark": 2}\n'
    assert "raw.things: 2 rows in 0." in done.stderr
    assert "METRIC" not in done.stderr
