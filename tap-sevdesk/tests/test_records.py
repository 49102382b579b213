"""Records: nothing is rounded, nothing is guessed, nothing unknown comes in, nothing goes unnoticed."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tap_running import SAME_EACH_TIME

from tap_sevdesk.records import Conformer, as_text, as_utc
from tap_sevdesk.rows import Number

REFERENCE = {
    "type": ["object", "null"],
    "properties": {"id": {"type": ["string", "null"]}, "objectName": {"type": ["string", "null"]}},
}
SCHEMA = {
    "properties": {
        "id": {"type": "string"},
        "text": {"type": ["string", "null"]},
        "update": {"type": ["string", "null"], "format": "date-time"},
        "contact": REFERENCE,
        "tags": {"type": ["array", "null"], "items": {"type": "string"}},
        "additional_fields": {"type": ["object", "null"]},
    }
}


def conform(row: dict[str, Any], *deselected: tuple[str, ...]) -> tuple[dict[str, Any], set[str]]:
    conformer = Conformer(SCHEMA, lambda breadcrumb: breadcrumb not in deselected)
    record = conformer(row)
    if record.get("additional_fields", row) is None:
        del record["additional_fields"]  # where nothing is in it, the tests below need not say so
    return record, conformer.unknown


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("", ""),
        ("  0012.50 ", "  0012.50 "),
        (True, "1"),
        (False, "0"),
        (0, "0"),
        (-17, "-17"),
        (10**30, "1" + "0" * 30),
        ({"a": [1, None, "ä"]}, '{"a":[1,null,"ä"]}'),
        ([], "[]"),
    ],
)
def test_every_value_becomes_the_text_that_was_sent(value: object, text: str | None) -> None:
    assert as_text(value) == text
    assert conform({"text": value})[0] == {"text": text}


@given(st.text())
@SAME_EACH_TIME
def test_a_text_stays_itself(text: str) -> None:
    assert conform({"text": text})[0] == {"text": text}


@pytest.mark.parametrize(
    ("sent", "got"),
    [("2026-06-30T14:00:00+02:00", "2026-06-30T12:00:00+00:00"), ("soon", None), (None, None), ({}, None)],
)
def test_a_time_is_utc_or_nothing(sent: object, got: str | None) -> None:
    assert as_utc(sent) == got
    assert conform({"update": sent})[0]["update"] == got


@pytest.mark.parametrize(
    ("sent", "got"),
    [
        ({"id": "7", "objectName": "Contact"}, {"id": "7", "objectName": "Contact"}),
        ({"objectName": "Contact", "id": 7}, {"id": "7", "objectName": "Contact"}),
        ({"id": None, "objectName": "Contact"}, {"id": None, "objectName": "Contact"}),
        ({"id": "7"}, {"id": "7"}),
        ({}, {}),
        (None, None),
        ("", None),
        ([], None),
        ("7", {"id": "7"}),
        (7, {"id": "7"}),
    ],
)
def test_a_reference_is_an_object_or_nothing(sent: object, got: object) -> None:
    assert conform({"contact": sent}) == ({"contact": got}, set())


@pytest.mark.parametrize(("sent", "got"), [([1, "a", None], ["1", "a", None]), (None, None), ("a", ["a"])])
def test_a_list_is_a_list_of_texts(sent: object, got: object) -> None:
    assert conform({"tags": sent})[0] == {"tags": got}


def test_a_record_says_null_where_nothing_is_additional() -> None:
    assert Conformer(SCHEMA, lambda _: True)({"id": "1"}) == {"id": "1", "additional_fields": None}


def test_unknown_fields_are_kept_as_sent_and_noted_also_inside_references() -> None:
    embedded = {"id": "1", "name": "Meier", "country": {"id": 0, "flags": [True, None]}}
    record, unknown = conform({"id": "1", "ä": Number("12.50"), "contact": embedded})
    assert record == {
        "id": "1",
        "contact": {"id": "1"},
        "additional_fields": {"ä": Decimal("12.50"), "contact": embedded},
    }
    assert unknown == {"ä", "contact.name", "contact.country"}


@pytest.mark.parametrize("sent", ["soon", "", 0, False, [], {}])
def test_a_time_that_is_none_is_kept_where_it_does_no_harm(sent: object) -> None:
    record, unknown = conform({"update": sent})
    assert (record, unknown) == ({"update": None, "additional_fields": {"update": sent}}, set())


@pytest.mark.parametrize("left_out", [("properties", "additional_fields"), None])
def test_a_catalog_without_additional_fields_gets_none_but_unknown_fields_are_noted(
    left_out: tuple[str, ...] | None,
) -> None:
    known = dict(SCHEMA["properties"])
    if left_out is None:
        del known["additional_fields"]
    conformer = Conformer({"properties": known}, lambda breadcrumb: breadcrumb != left_out)
    assert conformer({"id": "1", "new": 1}) == {"id": "1"}
    assert conformer.unknown == {"new"}


def test_fields_that_are_missing_stay_missing() -> None:
    assert conform({"id": "1"}) == ({"id": "1"}, set())


def test_deselected_fields_stay_out_and_are_not_unknown() -> None:
    row = {"id": "1", "text": "x", "contact": {"id": "7", "objectName": "Contact"}}
    part = ("properties", "contact", "properties", "objectName")
    assert conform(row, ("properties", "text"), part) == ({"id": "1", "contact": {"id": "7"}}, set())


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*SCHEMA["properties"], "other"]), json_values))
@SAME_EACH_TIME
def test_whatever_is_sent_the_record_fits_its_schema_and_the_row_stays_as_it_was(row: dict[str, Any]) -> None:
    before = json.dumps(row)
    record, unknown = conform(row)
    assert json.dumps(row) == before
    assert record.keys() <= SCHEMA["properties"].keys()
    assert ("other" in row) == ("other" in unknown)
    for name in ("id", "text", "update"):
        assert record.get(name) is None or isinstance(record[name], str)
    assert isinstance(record.get("contact"), dict | None)
    assert isinstance(record.get("tags"), list | None)
