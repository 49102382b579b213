"""Two ways lead from a row to its message. Nobody downstream can tell which one it went."""

import json
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sevdesk_sandbox import Sandbox
from tap_running import SAME_EACH_TIME, Outcome, run_tap

from tap_sevdesk.messages import RecordEncoder
from tap_sevdesk.record_type import RecordType, encode
from tap_sevdesk.records import Conformer
from tap_sevdesk.rows import Row, with_fields
from tap_sevdesk.stream_maps import is_unmapped
from tap_sevdesk.streams import SOURCES
from tap_sevdesk.tap import TapSevDesk

NOW = datetime(2026, 6, 30, 12, tzinfo=timezone.utc)
SUNDAY_NIGHT = "2025-02-02T23:00:00+00:00"
"""Nobody works then, so the bookmark is the last change and not the time of the run. The firm is young."""
REFERENCE = {
    "type": ["object", "null"],
    "properties": {"id": {"type": ["string", "null"]}, "objectName": {"type": ["string", "null"]}},
}
SCHEMA = {
    "properties": {
        "id": {"type": "string"},
        "create": {"type": ["string", "null"], "format": "date-time"},
        "update": {"type": ["string", "null"], "format": "date-time"},
        "sum": {"type": ["string", "null"]},
        "text": {"type": ["string", "null"]},
        "contact": REFERENCE,
        "sevClient": REFERENCE,
        "tags": {"type": ["array", "null"], "items": {"type": "string"}},
        "additional_fields": {"type": ["object", "null"]},
    }
}


def whole(_: object) -> bool:
    return True


def by_both(
    *pages: list[dict[str, Any]],
    schema: dict[str, Any] = SCHEMA,
    indent: int | None = None,
    selected: Callable[[tuple[str, ...]], bool] = whole,
) -> tuple[list[Any], list[Any]]:
    """Return what is known of the rows of pages, their records and the unknown fields, on each way."""
    conform, ordinary = Conformer(schema, selected), Conformer(schema, selected)
    encoder = RecordEncoder("s", "contact", conform)
    found: tuple[list[Any], list[Any]] = ([], [])
    for page in pages:
        sent = [msgspec.Raw(json.dumps(row, indent=indent).encode()) for row in page]
        rows = encoder.parse_rows(sent)
        lines = b"".join(encoder.messages(encoder.records(rows), NOW)).splitlines()
        found[0].extend(zip(map(known, rows), (json.loads(line)["record"] for line in lines), strict=True))
        rows = [with_fields(row, "contact") for row in sent]
        found[1].extend(zip(map(known, rows), (as_json(ordinary(row.content)) for row in rows), strict=True))
    found[0].append(conform.unknown)
    found[1].append(ordinary.unknown)
    return found


def as_json(record: dict[str, Any]) -> Any:
    return json.loads(encode(record))


def known(row: Row) -> tuple[object, ...]:
    return row.id, row.update, row.create, row.parent, row.owner


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
times = st.sampled_from(
    ["2026-03-29T03:00:00+02:00", "2026-06-30T23:59:60+02:00", "30.06.2026", "soon", "1782820800"]
) | st.datetimes(timezones=st.sampled_from([timezone.utc])).map(lambda t: t.isoformat(timespec="seconds"))
references = st.fixed_dictionaries({}, optional={"id": st.none() | texts, "objectName": st.none() | texts})
usual = {
    "create": st.none() | times,
    "update": st.none() | times,
    "sum": st.none() | texts,
    "text": st.none() | texts,
    "contact": st.none() | references,
    "sevClient": st.none() | references,
    "tags": st.none() | st.lists(st.none() | texts, max_size=2),
}
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda values: st.lists(values, max_size=2) | st.dictionaries(texts, values, max_size=2),
    max_leaves=3,
)
ids = texts.filter(bool) | st.integers(1)
NAMES = ["new", "newer", "additional_fields"]
usual_rows = st.fixed_dictionaries({"id": texts.filter(bool)}, optional=usual)
odd_rows = st.fixed_dictionaries({"id": ids}, optional=dict.fromkeys([*usual, *NAMES], anything))
pages = st.lists(usual_rows, max_size=4) | st.lists(usual_rows | odd_rows, max_size=4)


@given(st.lists(pages, min_size=1, max_size=3), st.sampled_from([None, 1]))
@SAME_EACH_TIME
def test_whatever_is_sent_both_ways_make_the_same_of_it(
    pages: list[list[dict[str, Any]]], indent: int | None
) -> None:
    fast, ordinary = by_both(*pages, indent=indent)
    assert fast == ordinary


@given(st.lists(pages, min_size=1, max_size=2), st.sets(st.sampled_from([*usual, *NAMES]), min_size=1))
@SAME_EACH_TIME
def test_whatever_is_deselected_both_ways_make_the_same_of_it(
    pages: list[list[dict[str, Any]]], off: set[str]
) -> None:
    fast, ordinary = by_both(*pages, selected=lambda breadcrumb: breadcrumb[1] not in off)
    assert fast[:-1] == ordinary[:-1]


@pytest.mark.parametrize("create", ["soon", 7, {"a": 1}, ["x"]])
def test_a_deselected_time_that_is_none_is_nowhere(create: object) -> None:
    page = [{"id": "1", "create": create}, {"id": "2", "create": create}]
    fast, ordinary = by_both(page, page, selected=lambda breadcrumb: breadcrumb[1] != "create")
    assert fast == ordinary
    assert [record for _, record in fast[:-1]] == [
        {"id": key, "additional_fields": None} for key in ("1", "2", "1", "2")
    ]


@pytest.mark.parametrize("shape", [{"type": ["string", "null"]}, None])
@pytest.mark.parametrize("name", ["contact", "sevClient"])
def test_a_catalog_may_say_that_a_reference_is_a_text_or_not_know_it(
    name: str, shape: dict[str, Any] | None
) -> None:
    properties = {each: known for each, known in SCHEMA["properties"].items() if each != name}
    schema = {"properties": properties | ({name: shape} if shape else {})}
    page: list[dict[str, Any]] = [
        {"id": "1", name: {"id": "7", "objectName": "A"}},
        {"id": "2", name: "8"},
        {"id": "3"},
    ]
    fast, ordinary = by_both(page, page, schema=schema)
    assert fast == ordinary


CONTACT = {"id": "7", "objectName": "Contact", "name": "Meier", "bankAccount": "DE02", "pin": "1234"}


@pytest.mark.parametrize(
    ("fields", "record"),
    [
        ({"sum": 12.5}, {"sum": "12.5"}),
        ({"sum": True}, {"sum": "1"}),
        ({"update": 1782820800}, {"update": "2026-06-30T12:00:00+00:00"}),
        ({"contact": ""}, {"contact": None}),
        ({"contact": 7}, {"contact": {"id": "7"}}),
        (
            {"contact": {"id": "7", "new": [1.5]}},
            {"contact": {"id": "7"}, "additional_fields": {"contact": {"id": "7", "new": [1.5]}}},
        ),
        ({"contact": {"id": 0, "objectName": "Contact"}}, {"contact": {"id": "0", "objectName": "Contact"}}),
        ({"new": 12.5}, {"additional_fields": {"new": 12.5}}),
        ({"update": "soon"}, {"update": None, "additional_fields": {"update": "soon"}}),
        ({"update": ""}, {"update": None, "additional_fields": {"update": ""}}),
        ({"update": 0}, {"update": None, "additional_fields": {"update": 0}}),
        ({"update": False}, {"update": None, "additional_fields": {"update": False}}),
        (
            {"contact": CONTACT},
            {
                "contact": {"id": "7", "objectName": "Contact"},
                "additional_fields": {"contact": {"id": "7", "objectName": "Contact", "name": "Meier"}},
            },
        ),
    ],
)
def test_a_surprise_is_learned_from_one_row_and_the_next_rows_are_fast(
    fields: dict[str, Any], record: dict[str, Any]
) -> None:
    encoder = RecordEncoder("s", "", Conformer(SCHEMA, whole))
    plain = {"id": "1", "sum": "1.00", "text": "a"}
    sent = [msgspec.Raw(json.dumps(row).encode()) for row in (plain, plain | fields, plain | fields, plain)]
    rows = encoder.parse_rows(sent)
    assert [type(row.content) for row in rows[2:]] == [bytes, bytes]
    records = [json.loads(record) for record in encoder.records(rows)]
    assert records[1] == records[2] == plain | {"additional_fields": None} | record
    assert records[0] == records[3] == plain | {"additional_fields": None}


def test_fields_in_any_order_are_fast_and_so_are_rows_that_lack_some() -> None:
    encoder = RecordEncoder("s", "", Conformer(SCHEMA, whole))
    sent = [msgspec.Raw(text) for text in (b'{"id":"1","sum":"2"}', b'{"text":"a","id":"2"}', b'{"id":"3"}')]
    assert [type(row.content) for row in encoder.parse_rows(sent)] == [bytes, bytes, bytes]


def test_a_surprise_in_each_row_that_no_row_had_before_does_not_make_learning_the_main_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[object] = []

    def make(*arguments: Any) -> RecordType:
        made.append(arguments)
        return RecordType(*arguments)

    monkeypatch.setattr("tap_sevdesk.messages.RecordType", make)
    encoder = RecordEncoder("s", "", Conformer(SCHEMA, whole))
    rows = encoder.parse_rows([msgspec.Raw(b'{"id":"%d","n%d":1}' % (i, i)) for i in range(1000)])
    assert json.loads(encoder.records(rows)[-1])["additional_fields"] == {"n999": 1}
    assert len(made) < 13


NESTED = {"new": {"a": [1, {"b": "c"}]}, "contact": {"id": "7", "name": {"first": "A", "last": "B"}}}


def test_a_message_is_one_line_though_the_server_writes_a_value_on_several() -> None:
    row = {"id": "1", **NESTED}
    fast, by_the_sdk = by_both([row] * 3, indent=2)
    assert fast == by_the_sdk


CONFIDENTIAL_NAMES = [
    *("pin", "PIN", "bic", "sepaPayerIban", "newIbanField", "bankNumber", "bankAccount", "bankAccountNumber"),
    *("payeePayerAcctNo", "payeePayerBankCode", "mandateReference", "sepaMandateReference"),
    "sepaCreditorId",
]


@pytest.mark.parametrize("name", CONFIDENTIAL_NAMES)
@pytest.mark.parametrize(
    "row",
    [
        '{{"id":"1","{}":"x"}}',
        '{{"id":"1","new":[{{"a":{{"{}":"x"}}}}]}}',
        '{{"id":"1","contact":{{"{}":"x"}}}}',
        '{{"id":"1","text":{{"{}":"x"}}}}',
    ],
)
def test_no_pin_and_no_bank_data_is_in_additional_fields_at_any_depth(row: str, name: str) -> None:
    encoder = RecordEncoder("s", "", Conformer(SCHEMA, whole))
    escaped = f"\\u{ord(name[0]):04x}{name[1:]}"
    sent = [msgspec.Raw(row.format(each).encode()) for each in (name, name, escaped, escaped)]
    for record in map(bytes.decode, encoder.records(encoder.parse_rows(sent))):
        assert json.loads(record)["id"] == "1"
        assert name not in record
        assert "x" not in record.replace("text", "")


@pytest.mark.parametrize(
    "sent", [b'{"id": ""}', b'{"id": null}', b"{}", b"[]", b"1", b'"', b'{"id": "\xff"}']
)
def test_what_is_no_row_with_an_id_is_refused(sent: bytes) -> None:
    with pytest.raises((msgspec.DecodeError, UnicodeDecodeError)):
        RecordEncoder("s", "", Conformer(SCHEMA, whole)).parse_rows([msgspec.Raw(sent)])
    with pytest.raises((msgspec.DecodeError, UnicodeDecodeError)):
        with_fields(msgspec.Raw(sent), "")


def emitted(run: Outcome) -> dict[str, Any]:
    """Return all that two runs over the same books have in common."""
    audit = [
        {
            name: value
            for name, value in row.items()
            if name not in {"id", "run_id", "started_at", "finished_at"}
        }
        for row in run.records("extractions")
    ]
    streams = {m["stream"] for m in run.messages if m["type"] == "RECORD"} - {"extractions"}
    keys = {frozenset(m) for m in run.messages if m["type"] == "RECORD"}
    records = {stream: run.records(stream) for stream in streams}
    by_run = {"run", "followed", "checked_until", "counted_at"}
    state = {
        stream: {name: value for name, value in entry.items() if name not in by_run}
        for stream, entry in run.state["bookmarks"].items()
    }
    return {"records": records, "state": state, "audit": audit, "keys": keys}


@pytest.mark.parametrize(
    ("switches", "options"),
    [
        ({}, {"page_size": 7}),
        ({}, {"page_size": 50, "read_ahead": 4}),
        ({"unknown_fields": "on", "part_numbers": "number"}, {"page_size": 20}),
        ({"unknown_fields": "on", "rough": "on"}, {"page_size": 500}),
    ],
)
def test_a_firms_books_arrive_the_same_on_both_ways(
    switches: dict[str, Any], options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Sandbox(seed=3, now=SUNDAY_NIGHT, size=12, **switches) as sandbox:
        fast = run_tap(sandbox, **options)
        monkeypatch.setattr("tap_sevdesk.stream.is_unmapped", lambda _: False)
        ordinary = run_tap(sandbox, **options)
        assert emitted(fast) == emitted(ordinary)
        assert len(fast.records("invoices")) > 100
        assert all(fast.records(source.name) for source in SOURCES)
        sandbox.clock.advance(days=2)
        later = run_tap(sandbox, state=fast.state, **options)
        monkeypatch.undo()
        assert emitted(run_tap(sandbox, state=fast.state, **options)) == emitted(later)


def catalog(**selected: bool) -> dict[str, Any]:
    found: dict[str, Any] = TapSevDesk(config={"api_token": "0" * 32}).catalog_dict
    for stream in found["streams"]:
        for entry in stream["metadata"]:
            if entry["breadcrumb"] and entry["breadcrumb"][-1] in selected:
                entry["metadata"]["selected"] = selected[entry["breadcrumb"][-1]]
    return found


@pytest.mark.parametrize(
    ("settings", "streams", "fast"),
    [
        ({}, None, True),
        ({}, catalog(header=True), True),
        ({}, catalog(header=False), True),
        ({"flattening_enabled": True, "flattening_max_depth": 1}, None, False),
        ({"stream_maps": {"invoices": {"header": "__NULL__"}}}, None, False),
        ({"stream_maps": {"invoices": {"__alias__": "bills"}}}, None, False),
        ({"stream_maps": {"invoices": None}}, None, False),
        ({"stream_maps": {"invoices_2": {"__source__": "invoices"}}}, None, False),
        ({"stream_maps": {"tags": {"name": "__NULL__"}}}, None, True),
    ],
)
def test_only_records_that_leave_as_they_come_are_encoded_at_once(
    settings: dict[str, Any], streams: dict[str, Any] | None, fast: bool
) -> None:
    tap = TapSevDesk(config={"api_token": "0" * 32, **settings}, catalog=streams)
    assert is_unmapped(tap.streams["invoices"]) is fast


def test_a_trial_run_takes_the_way_of_the_sdk() -> None:
    stream = TapSevDesk(config={"api_token": "0" * 32}).streams["invoices"]
    stream.ABORT_AT_RECORD_COUNT = 5
    assert not is_unmapped(stream)
