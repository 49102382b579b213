"""The schema files: every stream of the tap, one shape for everything."""

import json
from importlib.resources import files
from typing import Any

import pytest
from sevdesk_sandbox import Sandbox
from tap_running import A_YEAR_IN

from tap_sevdesk.streams import SOURCES

Shape = dict[str, Any]

TEXT: Shape = {"type": ["string", "null"]}
TIME: Shape = {"type": ["string", "null"], "format": "date-time"}
REFERENCE: Shape = {"type": ["object", "null"], "properties": {"id": TEXT, "objectName": TEXT}}
KEY: Shape = {"type": "string"}
OBJECT: Shape = {"type": ["object", "null"]}
SCHEMAS = {
    file.name.removesuffix(".json"): json.loads(file.read_text("utf-8"))
    for file in files("tap_sevdesk").joinpath("schemas").iterdir()
}
DESCRIPTIONS = {
    name: {key: part.pop("description") for key, part in schema["properties"].items()}
    for name, schema in SCHEMAS.items()
}
RECORDS = {name: schema["properties"] for name, schema in SCHEMAS.items() if name != "extractions"}


def test_every_stream_has_a_schema_and_every_schema_a_stream() -> None:
    assert RECORDS.keys() == {source.name for source in SOURCES}


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_every_property_says_what_it_means_in_one_sentence(name: str) -> None:
    for key, text in DESCRIPTIONS[name].items():
        assert text.endswith("."), key
        assert text[0] == text[0].upper() or text.startswith(("sevDesk", "run_id", "full", "online")), key


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_a_schema_holds_a_type_and_properties_and_nothing_else(name: str) -> None:
    assert set(SCHEMAS[name]) == {"type", "properties"}
    assert SCHEMAS[name]["type"] == "object"


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_the_key_comes_first_and_is_the_only_property_that_must_not_be_null(name: str) -> None:
    properties: dict[str, Any] = SCHEMAS[name]["properties"]
    assert next(iter(properties.items())) == ("id", KEY)
    assert [key for key, value in properties.items() if "null" not in value["type"]] == ["id"]


@pytest.mark.parametrize("name", sorted(RECORDS))
def test_a_record_of_sevdesk_is_text_references_and_two_moments(name: str) -> None:
    properties = RECORDS[name]
    for key, value in properties.items():
        assert value in (
            [KEY]
            if key == "id"
            else [OBJECT]
            if key == "additional_fields"
            else [TIME]
            if key in {"create", "update"}
            else [TEXT, REFERENCE]
        )


@pytest.mark.parametrize("name", sorted(RECORDS))
def test_records_begin_alike(name: str) -> None:
    expected = ["id", "objectName", "create", "update", "sevClient"]
    present = [key for key in expected if key in RECORDS[name]]
    assert list(RECORDS[name])[: len(present)] == present


@pytest.mark.parametrize("name", sorted(RECORDS))
def test_every_record_has_room_for_fields_that_its_schema_does_not_name(name: str) -> None:
    assert list(RECORDS[name].items())[-1] == ("additional_fields", OBJECT)


def test_records_that_are_compared_one_by_one_have_an_update() -> None:
    for source in SOURCES:
        assert source.whole or "update" in RECORDS[source.name], source.name


def test_the_tenant_is_on_every_record_but_those_that_are_the_same_for_all() -> None:
    assert {name for name, properties in RECORDS.items() if "sevClient" not in properties} == {
        "communication_way_keys",
        "static_countries",
    }


@pytest.mark.parametrize(
    "parent", ["invoice", "credit_note", "voucher", "order"], ids=lambda name: f"{name}_positions"
)
def test_a_position_names_its_document(parent: str) -> None:
    first, *rest = parent.split("_")
    assert RECORDS[f"{parent}_positions"][first + "".join(map(str.title, rest))] == REFERENCE


def test_the_tax_of_both_bookkeeping_systems_has_a_place() -> None:
    for name in ("invoices", "credit_notes", "orders", "vouchers"):
        assert {"taxRule", "taxType", "taxSet"} <= RECORDS[name].keys()
    assert {"accountDatev", "accountingType"} <= RECORDS["voucher_positions"].keys()


def test_the_address_parts_that_the_official_description_dropped_are_kept() -> None:
    for name in ("invoices", "credit_notes", "orders"):
        assert {"addressName", "addressStreet", "addressZip", "addressCity"} <= RECORDS[name].keys()


PLACE = {
    "offset": {"type": "integer"},
    "page": {"type": "integer"},
    "after_id": TEXT,
    "before_id": TEXT,
    "id": TEXT,
    "reason": {"type": "string"},
}


def test_the_audit_trail_has_the_columns_the_warehouse_relies_on() -> None:
    whole = {"type": ["integer", "null"]}
    assert SCHEMAS["extractions"]["properties"] == {
        "id": KEY,
        "run_id": TEXT,
        "stream": TEXT,
        "account": TEXT,
        "mode": TEXT,
        "since": TIME,
        "started_at": TIME,
        "finished_at": TIME,
        "requests": whole,
        "retries": whole,
        "records": whole,
        "distinct_records": whole,
        "total_before": whole,
        "total_after": whole,
        "complete": {"type": ["boolean", "null"]},
        "incomplete_because": TEXT,
        "unreadable_rows": {"type": ["array", "null"], "items": {"type": "object", "properties": PLACE}},
        "unknown_fields": {"type": ["array", "null"], "items": {"type": "string"}},
    }


def test_the_books_of_the_sandbox_have_no_field_and_no_reference_that_the_schemas_lack() -> None:
    with Sandbox(now=A_YEAR_IN) as sandbox:
        for source in SOURCES:
            for row in sandbox.books.rows(source.path.lstrip("/")):
                assert row.keys() - {"pin"} <= RECORDS[source.name].keys(), source.name
                for key, value in row.items():
                    assert key == "pin" or isinstance(value, dict) <= (
                        RECORDS[source.name][key] == REFERENCE
                    ), (
                        source.name,
                        key,
                    )
