"""What goes in comes out: every value, exactly, or the batch is refused."""

from __future__ import annotations

import json
import tempfile
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from loading import (
    ARRAY,
    BOOLEAN,
    DATE,
    DATE_TIME,
    DECIMAL,
    INTEGER,
    NUMBER,
    OBJECT,
    STRING,
    Load,
    Rows,
    Run,
    load_into,
    read,
    record,
    schema,
)

from sevdesk_target_duckdb.warehouse import LoadError

TEXT = st.text(st.characters(exclude_categories=["Cs"]))  # a lone surrogate is no text
NESTED = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
)
DECIMALS = st.decimals(-(10**29) + 1, 10**29 - 1, places=9)
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=OFFSETS)  # noqa: DTZ001
VALUES = {
    "text": TEXT,
    "whole": st.integers(-(2**63), 2**63 - 1),
    "real": st.floats(allow_nan=False, allow_infinity=False),
    "yes": st.booleans(),
    "day": st.dates(),
    "moment": MOMENTS,
    "amount": DECIMALS,
    "thing": st.dictionaries(TEXT, NESTED),
    "items": st.lists(NESTED),
}
RECORDS = st.fixed_dictionaries({}, optional={name: st.none() | values for name, values in VALUES.items()})
PROPERTIES: dict[str, Any] = {
    "text": STRING,
    "whole": INTEGER,
    "real": NUMBER,
    "yes": BOOLEAN,
    "day": DATE,
    "moment": DATE_TIME,
    "amount": DECIMAL,
    "thing": OBJECT,
    "items": ARRAY,
}


def as_json(value: Any) -> Any:
    """Value as a tap would write it: dates and decimals are strings."""
    if isinstance(value, date):
        return value.isoformat()
    return format(value, "f") if isinstance(value, Decimal) else value


def as_sent(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Undo what reading does: JSON comes as text, moments come in microseconds since 1970."""
    values = dict(zip(PROPERTIES, row, strict=True))
    for name in ("thing", "items"):
        values[name] = values[name] and json.loads(values[name])
    if values["moment"] is not None:
        values["moment"] = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(
            microseconds=values["moment"]
        )
    return tuple(values.values())


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.data_too_large])
@given(st.lists(RECORDS, max_size=8))
def test_every_value_comes_out_as_it_went_in(sent: list[dict[str, Any]]) -> None:
    records = [record(id=n, **{k: as_json(v) for k, v in values.items()}) for n, values in enumerate(sent)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "warehouse.duckdb")
        load_into(path, schema(**PROPERTIES), *records)
        columns = [f"epoch_us({name})" if name == "moment" else name for name in PROPERTIES]
        got = read(path, f"select {', '.join(columns)} from raw.things order by id")
    assert [as_sent(row) for row in got] == [tuple(v.get(name) for name in PROPERTIES) for v in sent]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "NULL",
        "O'Reilly",
        'say "hi"',
        "back\\slash",
        "line\nbreak\r\n",
        "\t",
        "😀 Größe",
        "a\x00b",
        "\ufeff",
        "  ",
    ],
)
def test_text_is_kept_to_the_byte(load: Load, rows: Rows, text: str) -> None:
    load(schema(name=STRING), record(id=1, name=text))
    assert rows("select name from raw.things") == [(text,)]


def test_whole_numbers_beyond_the_precision_of_floats_are_exact(load: Load, rows: Rows) -> None:
    load(
        schema(n=INTEGER),
        *[record(id=n, n=value) for n, value in enumerate((2**53 + 1, 2**63 - 1, -(2**63)))],
    )
    assert rows("select n from raw.things order by id") == [(2**53 + 1,), (2**63 - 1,), (-(2**63),)]


@pytest.mark.parametrize("too_large", [2**63, -(10**40), 10**18 * 10**18])
def test_a_number_too_large_for_its_column_turns_the_column_into_text(
    load: Load, rows: Rows, too_large: int
) -> None:
    load(schema(n=INTEGER), record(id=1, n=7))
    load(schema(n=INTEGER), record(id=2, n=too_large), record(id=3, n=None))
    load(schema(n=INTEGER), record(id=4, n=8))
    assert rows("select n from raw.things order by id") == [("7",), (str(too_large),), (None,), ("8",)]


def test_a_decimal_too_fine_for_its_column_turns_the_column_into_text(load: Load, rows: Rows) -> None:
    load(schema(amount=DECIMAL), record(id=1, amount="19.99"))
    load(schema(amount=DECIMAL), record(id=2, amount="0.1234567891"))
    assert rows("select amount from raw.things order by id") == [("19.99",), ("0.1234567891",)]


def test_a_fraction_in_a_whole_number_column_is_not_rounded(load: Load, rows: Rows) -> None:
    load(schema(n=INTEGER), record(id=1, n=1.5), validate_records=False)
    assert rows("select n from raw.things") == [("1.5",)]


def test_digits_of_numbers_inside_objects_survive(load: Load, rows: Rows) -> None:
    digits = b'{"price": 1.50, "long": 0.12345678901234567890123, "big": 123456789012345678901234567890}'
    line = b'{"type": "RECORD", "stream": "things", "record": {"id": 1, "thing": ' + digits + b"}}"
    load(schema(thing=OBJECT), line)
    assert rows("select thing::varchar from raw.things") == [(digits.decode().replace(" ", ""),)]


def test_digits_of_a_number_in_a_text_column_survive(load: Load, rows: Rows) -> None:
    line = (
        b'{"type": "RECORD", "stream": "things", "record": {"id": 1, "x": 0.123456789012345678901234567890}}'
    )
    load(schema(x=STRING), line, validate_records=False)
    assert rows("select x from raw.things") == [("0.123456789012345678901234567890",)]


@pytest.mark.parametrize("open_", [{}, {"anyOf": [{"type": "string"}, {"$ref": "#/definitions/x"}]}])
def test_digits_in_an_object_survive_where_the_schema_does_not_say_what_comes(
    load: Load, rows: Rows, open_: dict[str, Any]
) -> None:
    sent = [{"price": 1.5, "all": [0.25]}, [0.25], 1.5, "text"]
    records = [record(id=n, thing=value) for n, value in enumerate(sent)]
    load(schema(thing=open_), *records, validate_records=False)
    assert [text for (text,) in rows("select thing from raw.things order by id")] == [
        '{"price":1.5,"all":[0.25]}',
        "[0.25]",
        "1.5",
        "text",
    ]


def test_objects_and_arrays_are_json_that_can_be_asked(load: Load, rows: Rows) -> None:
    load(
        schema(contact=OBJECT, tags=ARRAY),
        record(id=1, contact={"id": "17", "objectName": "Contact"}, tags=["a", None]),
    )
    assert rows(
        "select contact->>'id', tags->>0, json_array_length(tags), typeof(contact) from raw.things"
    ) == [("17", "a", 2, "JSON")]


def test_moments_are_kept_in_utc_whatever_their_offset(load: Load, rows: Rows) -> None:
    sent = ("2024-04-08T01:00:00+02:00", "2024-04-07T23:00:00Z", "2024-04-07 23:00:00")
    load(schema(at=DATE_TIME), *[record(id=n, at=text) for n, text in enumerate(sent)])
    assert rows('select distinct epoch("at"), typeof("at") from raw.things') == [
        (1712530800.0, "TIMESTAMP WITH TIME ZONE")
    ]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (DATE, "2024-02-30"),
        (DATE, "2024-01-31T10:00:00"),
        (DATE_TIME, "yesterday"),
        (DATE_TIME, "epoch"),
        (DATE_TIME, "infinity"),
        (DATE_TIME, "24-01-31"),
        (NUMBER, "many"),
        (BOOLEAN, "perhaps"),
    ],
)
def test_a_value_against_its_schema_refuses_the_batch_and_is_not_reported(
    load: Load, rows: Rows, kind: dict[str, Any], value: str
) -> None:
    load(schema(x=kind), record(id=1, x=None))
    with pytest.raises(
        LoadError, match=r"Stream things: x has values that are no \w+ \(1 in this batch\)"
    ) as refused:
        load(schema(x=kind), record(id=2, x=None), record(id=3, x=value), validate_records=False)
    assert value not in str(refused.value)
    assert rows("select id from raw.things") == [(1,)]


def test_a_number_beyond_a_float_is_not_taken_for_infinity(load: Load) -> None:
    line = b'{"type": "RECORD", "stream": "things", "record": {"id": 1, "x": 1e400}}'
    with pytest.raises(LoadError, match="x has values that are no DOUBLE"):
        load(schema(x=NUMBER), line)


def test_validation_names_the_place_but_not_the_value(load: Load) -> None:
    with pytest.raises(LoadError, match=r"^Stream things: a record breaks its schema at \$\.x\.$"):
        load(schema(x=INTEGER), record(id=1, x="secret"))


def test_a_field_outside_the_schema_is_named_once_and_left_out(run: Run, rows: Rows) -> None:
    done = run(schema(), record(id=1, surprise="secret"), record(id=2, surprise="secret"))
    assert done.returncode == 0
    assert done.stderr.count("raw.things: not in the schema, so not loaded: ['surprise']") == 1
    assert "secret" not in done.stderr
    assert rows("select count(*) from raw.things") == [(2,)]
