"""Names and types of columns: the same names as in Snowflake, types that hold every value."""

from __future__ import annotations

from typing import Any

import pytest
from loading import INTEGER, STRING, Load, Rows, record, schema

from sevdesk_target_duckdb.columns import column_name, column_type, table_name
from sevdesk_target_duckdb.warehouse import LoadError


@pytest.mark.parametrize(
    ("name", "column"),
    [  # expected: what target-snowflake 0.20.4 makes of it with normalise_casing, in lower case
        ("id", "id"),
        ("sumNet", "sum_net"),
        ("sumNetForeignCurrency", "sum_net_foreign_currency"),
        ("invoiceNumber", "invoice_number"),
        ("address2Street", "address2_street"),
        ("update", "update"),
        ("_sdc_extracted_at", "_sdc_extracted_at"),
        ("costCentre_id", "cost_centre_id"),
        ("FooBar", "foo_bar"),
        ("taxID", "taxid"),
        ("companyURL", "companyurl"),
        ("IBANNumber", "ibannumber"),
        ("TEST_streamName", "test_stream_name"),
        ("is_Active", "is__active"),
        ("A_B", "a_b"),
        ("first-name", "first_name"),
        ("aB-cD", "a_b_c_d"),
        ("with space", "withspace"),
        ("a.b", "a.b"),
        ('say"it"', 'say"it"'),
        ("1st", "1st"),
        ("Straße", "strasse"),
    ],
)
def test_a_column_is_named_as_in_snowflake(name: str, column: str) -> None:
    assert column_name(name) == column


@pytest.mark.parametrize(
    ("stream", "table"),
    [  # expected: table_name of the SDK's SQLSink, in lower case
        ("invoices", "invoices"),
        ("credit_notes", "credit_notes"),
        ("invoicePositions", "invoicepositions"),
        ("db-public-users", "users"),
        ("a.b c", "a_b_c"),
        ("2024sales", "c024sales"),
        ('odd"name', "oddname"),
    ],
)
def test_a_table_is_named_as_in_other_sdk_targets(stream: str, table: str) -> None:
    assert table_name(stream) == table


@pytest.mark.parametrize(
    ("json_schema", "kind"),
    [
        ({"type": "string"}, "VARCHAR"),
        ({"type": ["integer", "null"]}, "BIGINT"),
        ({"type": ["null", "number"]}, "DOUBLE"),
        ({"type": ["boolean"]}, "BOOLEAN"),
        ({"type": ["object", "null"]}, "JSON"),
        ({"type": "array", "items": {"type": "string"}}, "JSON"),
        ({"type": ["string", "null"], "format": "date-time"}, "TIMESTAMPTZ"),
        ({"type": "string", "format": "date"}, "DATE"),
        ({"type": "string", "format": "singer.decimal"}, "DECIMAL(38,9)"),
        ({"type": "string", "format": "x-singer.decimal"}, "DECIMAL(38,9)"),
        ({"type": "string", "format": "uuid"}, "VARCHAR"),
        ({"type": "string", "format": "time"}, "VARCHAR"),
        ({"type": ["integer", "string", "null"]}, "VARCHAR"),
        ({"type": ["integer", "number"]}, "DOUBLE"),
        ({"type": ["string", "object"]}, "JSON"),
        ({"type": ["integer", "string"], "format": "date-time"}, "VARCHAR"),
        ({"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]}, "TIMESTAMPTZ"),
        ({"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string"}]}, "VARCHAR"),
        ({"oneOf": [{"type": "integer"}, {"type": "object"}]}, "JSON"),
        ({"enum": ["a", 1]}, "VARCHAR"),
        ({}, "VARCHAR"),
    ],
)
def test_a_column_has_the_narrowest_type_that_holds_all_its_schema_allows(
    json_schema: dict[str, object], kind: str
) -> None:
    assert column_type(json_schema) == kind


def test_names_with_dots_quotes_and_reserved_words_are_loaded(load: Load, rows: Rows) -> None:
    odd: dict[str, Any] = dict.fromkeys(
        ("select", "a.b", 'say"it"', "update", "o'clock", "ключ", "r[1]"), "x"
    )
    kinds: dict[str, Any] = dict.fromkeys(odd, STRING)
    load(schema(**kinds), record(id=1, **odd), add_record_metadata=False)
    assert rows("select * exclude (id) from raw.things") == [tuple(odd.values())]
    assert rows('select "say""it""", "UPDATE" from raw.things') == [("x", "x")]


def test_two_properties_of_one_column_name_are_refused(load: Load) -> None:
    with pytest.raises(LoadError, match=r"Stream things: \['sumNet', 'sum_net'\] would share a column."):
        load(schema(sumNet=STRING, sum_net=STRING))


def test_two_streams_of_one_table_name_are_refused(load: Load) -> None:
    with pytest.raises(LoadError, match=r"Streams a-users and b-users would share raw\.users\. Rename one\."):
        load(schema("a-users"), schema("b-users"))


def test_a_key_outside_the_schema_is_refused(load: Load) -> None:
    with pytest.raises(LoadError, match=r"Stream things: its key \['number'\] is not in its schema\."):
        load(schema(key=("number",), id=INTEGER))
