"""The setting `typed`: columns of numbers, dates, times and flags, and no value is lost on the way there."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator, FormatChecker  # type: ignore[import-untyped]
from msgspec import Raw
from sevdesk_sandbox import Sandbox
from tap_running import A_YEAR_IN, NOON, SAME_EACH_TIME, config_for, run_tap

from tap_sevdesk.messages import RecordEncoder
from tap_sevdesk.record_type import decode, encode
from tap_sevdesk.records import Conformer
from tap_sevdesk.rows import with_fields
from tap_sevdesk.streams import SOURCES
from tap_sevdesk.tap import TapSevDesk
from tap_sevdesk.typed import kind_by_name, typed_schema

INVOICES = next(source for source in SOURCES if source.name == "invoices")
SCHEMA = typed_schema("invoices", INVOICES.schema)
FIELDS = {"number": "sumNet", "date": "invoiceDate", "moment": "enshrined", "flag": "showNet"}
"""A column of each kind."""
UNSENT = object()


def both_ways(**fields: object) -> dict[str, Any]:
    """Make a record of an invoice's fields on either way to a message; they have to agree."""
    sent = encode({"id": "1", **fields})
    conformer = Conformer(SCHEMA, lambda _: True)
    slow = conformer(with_fields(Raw(sent), "").content)
    encoder = RecordEncoder("invoices", "", Conformer(SCHEMA, lambda _: True))
    encoder.row(Raw(b'{"id":"0"}'))  # the first row makes the type that this one is decoded into
    (fast,) = encoder.records([encoder.row(Raw(sent))])
    assert {**decode(fast)} == {**decode(encode(slow))}
    return decode(fast)


def held_and_kept(kind: str, value: object) -> tuple[Any, Any]:
    """Return what the column of a kind holds, and what additional_fields keeps under its name."""
    record = both_ways(**{FIELDS[kind]: value})
    return record[FIELDS[kind]], (record["additional_fields"] or {}).get(FIELDS[kind], UNSENT)


@pytest.mark.parametrize(
    ("kind", "value", "held"),
    [
        ("number", "1190.00", Decimal("1190.00")),
        ("number", "-0.1", Decimal("-0.1")),
        ("number", "9999999999999.99", Decimal("9999999999999.99")),
        ("number", Decimal("1320.7215"), Decimal("1320.7215")),
        ("number", Decimal("1E-7"), Decimal("0.0000001")),
        ("number", 3, 3),
        ("number", True, 1),  # how sevDesk sends a quantity of 1
        ("date", "2024-04-08", "2024-04-08"),
        ("date", "2024-04-08T00:00:00+02:00", "2024-04-08"),
        ("date", "2024-02-29T00:00:00+01:00", "2024-02-29"),
        ("moment", "2024-04-08T00:30:00+02:00", "2024-04-07T22:30:00+00:00"),
        ("moment", "1712529000", "2024-04-07T22:30:00+00:00"),
        ("flag", "0", False),
        ("flag", "1", True),
        ("flag", False, False),
        ("flag", True, True),
        ("flag", 1, True),
        ("flag", "true", True),
        ("number", None, None),
        ("date", None, None),
        ("moment", None, None),
        ("flag", None, None),
    ],
)
def test_a_value_that_fits_is_in_its_column_only(kind: str, value: object, held: object) -> None:
    found, kept = held_and_kept(kind, value)
    assert (str(found), type(found)) == (str(held), type(held))
    assert kept is UNSENT


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("number", "1.234,56"),
        ("number", "12 €"),
        ("number", "007"),
        ("number", " 1"),
        ("number", ""),
        ("number", "NaN"),
        ("number", "1e999"),
        ("number", "1" * 19),
        ("number", [1]),
        ("date", "2024-02-30"),
        ("date", "0000-00-00"),
        ("date", "30.06.2024"),
        ("date", "soon"),
        ("date", ""),
        ("date", 20240408),
        ("moment", "2024-02-30T00:00:00+01:00"),
        ("moment", "never"),
        ("flag", "2"),
        ("flag", "yes"),
        ("flag", ""),
        ("flag", 2),
        ("flag", {"on": True}),
    ],
)
def test_a_value_that_does_not_fit_is_null_and_stays_as_it_was_sent(kind: str, value: object) -> None:
    assert held_and_kept(kind, value) == (None, value)


@pytest.mark.parametrize(
    ("kind", "value", "held"),
    [
        ("date", "2024-04-08T07:29:07+02:00", "2024-04-08"),
        ("date", "2024-04-08T12:00:00+02:00", "2024-04-08"),
        ("date", "2024-04-08T22:00:00Z", "2024-04-08"),
        ("moment", "2024-04-08T00:30:00.25+02:00", "2024-04-07T22:30:00+00:00"),
        ("moment", "2024-04-08", "2024-04-07T22:00:00+00:00"),
    ],
)
def test_what_a_column_holds_a_part_of_is_kept_whole_beside_it(kind: str, value: str, held: str) -> None:
    assert held_and_kept(kind, value) == (held, value)


def told_by(held: Any) -> set[str]:
    """Return the forms of the values that a column's content stands for."""
    if isinstance(held, bool):
        return {str(int(held)), str(held), str(held).lower()}
    return {str(held), f"{held}T00:00:00+01:00", f"{held}T00:00:00+02:00", f"{held} 00:00:00"}


JSON_VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**13), max_value=10**13)
    | st.text(max_size=12)
    | st.sampled_from(["1.234,56", "2024-02-30", "2024-04-08T00:00:00+02:00", "0", "1", "2", "1e3", "-0.00"])
    | st.dates().map(str)
    | st.datetimes().map(lambda moment: moment.isoformat())
    | st.decimals(allow_nan=True).map(str)
    | st.lists(st.text(max_size=3), max_size=2)
)


@given(st.sampled_from(["number", "date", "flag"]), JSON_VALUES)
@SAME_EACH_TIME
def test_nothing_is_lost(kind: str, value: Any) -> None:
    held, kept = held_and_kept(kind, value)
    if value is None:
        assert (held, kept) == (None, UNSENT)
    elif kept is not UNSENT:
        assert kept == value
    elif kind == "number":
        assert Decimal(str(held)) == Decimal(int(value) if isinstance(value, bool) else value)
    else:
        assert str(value) in told_by(held)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**15), max_value=10**15))
@SAME_EACH_TIME
def test_a_number_keeps_its_last_digit(number: Decimal) -> None:
    assert held_and_kept("number", str(number)) in [(number, UNSENT), (int(number), UNSENT)]
    assert f'"sumNet":{number:f}'.encode() in encode(both_ways(sumNet=str(number)))


@pytest.fixture(scope="module")
def firm() -> Iterator[Sandbox]:
    with Sandbox(now=A_YEAR_IN) as sandbox:
        yield sandbox


def test_the_records_of_a_whole_firm_fit_their_columns_and_hold_what_they_hold_as_text(firm: Sandbox) -> None:
    streams = ("credit_notes", "contacts", "parts", "voucher_positions", "order_positions", "check_accounts")
    typed, text = run_tap(firm, *streams, typed="true"), run_tap(firm, *streams)
    for stream in streams:
        check = Draft7Validator(typed.schema(stream), format_checker=FormatChecker()).validate
        plain = {record["id"]: record for record in text.records(stream)}
        assert plain, stream
        for record in typed.records(stream):
            check(record)
            beside = record["additional_fields"] or {}
            for name, value in plain[record["id"]].items():
                kind = kind_by_name(stream, name)
                if kind is None or value is None or name in beside:
                    continue
                if kind == "number":
                    assert Decimal(str(record[name])) == Decimal(value)
                elif kind != "moment":
                    assert value in told_by(record[name])


def test_without_the_setting_nothing_changes() -> None:
    tap = TapSevDesk(config={"api_token": "0" * 32})
    assert tap.config["typed"] is False
    assert all(tap.streams[source.name].schema is source.schema for source in SOURCES)


def test_a_flag_says_what_1_means_and_all_that_say_so_are_flags() -> None:
    for source in SOURCES:
        for name, shape in source.schema["properties"].items():
            if re.match(r"1 (if|for) ", shape["description"]):
                assert kind_by_name(source.name, name) == "flag", (source.name, name)


def test_amounts_dates_and_times_have_their_kind() -> None:
    for source in SOURCES:
        for name, shape in source.schema["properties"].items():
            if re.search(r"(?i)amount\b|\b(price|net sum|gross sum|sum of)", shape["description"]):
                kinds = {"number", "flag", None} if "if the" in shape["description"] else {"number", "flag"}
                assert kind_by_name(source.name, name) in kinds, (source.name, name)
            if re.search(r"(?i)^date |^when |until when|(first|last) (day|date)", shape["description"]):
                reserved = name in ("create", "update")
                assert reserved or kind_by_name(source.name, name) in ("date", "moment"), (source.name, name)


def test_a_key_a_code_and_an_account_number_stay_text() -> None:
    for name in (
        "id",
        "status",
        "invoiceNumber",
        "customerNumber",
        "addressZip",
        "accountingNumber",
        "taxType",
    ):
        assert kind_by_name("invoices", name) is None


@pytest.fixture
def books() -> Iterator[Sandbox]:
    """Serve one invoice that fits, and one that does not."""
    with Sandbox(firm=False, now=NOON) as sandbox:
        sandbox.books.put(
            "Invoice", {"id": "1", "sumNet": "100.50", "invoiceDate": "2024-04-08", "showNet": "1"}
        )
        sandbox.books.put(
            "Invoice", {"id": "2", "sumNet": "1.234,56", "invoiceDate": "2024-02-30", "showNet": "2"}
        )
        yield sandbox


def test_what_does_not_fit_is_no_unknown_field_and_no_other_row_suffers(books: Sandbox) -> None:
    run = run_tap(books, "invoices", typed=True)
    first, second = sorted(run.records("invoices"), key=lambda record: str(record["id"]))
    assert (first["sumNet"], first["showNet"], first["additional_fields"]) == (100.5, True, None)
    assert (second["sumNet"], second["invoiceDate"], second["showNet"]) == (None, None, None)
    assert second["additional_fields"] == {"sumNet": "1.234,56", "invoiceDate": "2024-02-30", "showNet": "2"}
    assert not run.audit("invoices")["unknown_fields"]


def test_stream_maps_and_flattening_work_on_typed_columns(books: Sandbox) -> None:
    maps = {"invoices": {"double": "sumNet * 2 if sumNet else None", "__filter__": "showNet == True"}}
    run = run_tap(
        books, "invoices", typed=True, stream_maps=maps, flattening_enabled=True, flattening_max_depth=1
    )
    (record,) = run.records("invoices")
    assert (record["id"], record["double"], record["invoiceDate"]) == ("1", 201, "2024-04-08")


def test_a_column_that_is_not_selected_is_nowhere(books: Sandbox) -> None:
    catalog = TapSevDesk(config=config_for(books, typed=True)).catalog_dict
    for entry in catalog["streams"]:
        for part in entry["metadata"]:
            if part["breadcrumb"] == ["properties", "sumNet"]:
                part["metadata"]["selected"] = False
            elif not part["breadcrumb"]:
                part["metadata"]["selected"] = entry["stream"] == "invoices"
    for record in run_tap(books, catalog=catalog, typed=True).records("invoices"):
        assert "sumNet" not in record
        assert "sumNet" not in (record["additional_fields"] or {})


def test_a_second_run_without_news_is_silent(books: Sandbox) -> None:
    first = run_tap(books, "invoices", typed=True)
    assert run_tap(books, "invoices", typed=True, state=first.state).records("invoices") == []
