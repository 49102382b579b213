"""Selection, stream maps, flattening, BATCH and the SDK's own tests: what users of Singer taps expect."""

import gzip
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import pytest
from jsonschema import Draft7Validator  # type: ignore[import-untyped]
from sevdesk_sandbox import Sandbox
from singer_sdk.testing import SuiteConfig, get_tap_test_class
from tap_running import A_YEAR_IN, NOON, asked_by_streams, config_for, run_tap

from tap_sevdesk.errors import InputError
from tap_sevdesk.streams import SOURCES
from tap_sevdesk.tap import TapSevDesk

# The SDK instantiates streams while tests are collected: its suite needs a server from then on.
_sandbox = Sandbox(now=A_YEAR_IN)
_sandbox.start()

TestSdkSuite = get_tap_test_class(
    TapSevDesk,
    config=config_for(_sandbox),
    suite_config=SuiteConfig(max_records_limit=150),
)


@pytest.fixture
def books() -> Iterator[Sandbox]:
    """Serve two invoices of one customer."""
    with Sandbox(firm=False, now=NOON) as sandbox:
        for i in ("1", "2"):
            customer = {"id": "7", "objectName": "Contact"}
            sandbox.books.put(
                "Invoice", {"id": i, "sumNet": f"{i}00.50", "status": "200", "contact": customer}
            )
        yield sandbox


def catalog(sandbox: Sandbox, *streams: str, change: Callable[[str, dict[str, Any]], None]) -> dict[str, Any]:
    """Discover, select streams, and let `change` alter the metadata of each field of the first one."""
    made = TapSevDesk(config=config_for(sandbox)).catalog_dict
    for entry in made["streams"]:
        for part in entry["metadata"]:
            if not part["breadcrumb"]:
                part["metadata"]["selected"] = entry["stream"] in streams
            elif entry["stream"] == streams[0]:
                change(".".join(part["breadcrumb"][1::2]), part["metadata"])
    return made


def select(*fields: str) -> Callable[[str, dict[str, Any]], None]:
    def change(name: str, metadata: dict[str, Any]) -> None:
        metadata["selected"] = name in fields

    return change


KEYS_OF_A_BOOKMARK = {"replication_key", "replication_key_value", "checked_until", "run", "schema"} | {
    *("digests", "list", "total", "counted_at", "followed", "row_due"),
}


def test_what_a_whole_firm_sends_fits_the_schemas_and_has_unique_keys_and_a_clean_state() -> None:
    run = run_tap(_sandbox)
    for source in SOURCES:
        check, records = Draft7Validator(run.schema(source.name)), run.records(source.name)
        for record in records[:: max(1, len(records) // 20)]:
            check.validate(record)
        known = run.schema(source.name)["properties"].keys()
        assert all(record.keys() <= known for record in records)
        assert len(records) == len({record["id"] for record in records})
    assert set(run.state) == {"account", "bookmarks"}
    for entry in run.state["bookmarks"].values():
        assert set(entry) <= KEYS_OF_A_BOOKMARK
    assert {"replication_key", "replication_key_value", "checked_until"} <= set(
        run.state["bookmarks"]["invoices"]
    )


def test_a_deselected_stream_costs_no_request(books: Sandbox) -> None:
    run_tap(books, "tags")
    assert {request.path for request in asked_by_streams(books)} == {"/Tag"}


def test_deselected_fields_are_neither_announced_nor_sent(books: Sandbox) -> None:
    made = catalog(books, "invoices", change=select("sumNet", "contact", "contact.id"))
    run = run_tap(books, catalog=made)
    assert run.schema("invoices")["properties"].keys() == {"id", "sumNet", "update", "contact"}
    assert run.records("invoices")[0].keys() == {"id", "sumNet", "update", "contact"}
    assert run.records("invoices")[0]["contact"] == {"id": "7"}


def test_the_bookmark_moves_although_its_column_was_deselected(books: Sandbox) -> None:
    made = catalog(books, "invoices", change=select("id"))
    assert run_tap(books, catalog=made).bookmark("invoices") is not None


def test_full_table_replication_can_be_chosen_in_the_catalog(books: Sandbox) -> None:
    before = run_tap(books, "invoices")
    books.clock.advance(days=1)
    made = catalog(books, "invoices", "extractions", change=lambda *_: None)
    made["streams"][0]["replication_method"] = "FULL_TABLE"
    run = run_tap(books, catalog=made, state=before.state)
    assert sorted(run.ids("invoices")) == ["1", "2"]
    assert run.audit("invoices")["mode"] == "full"
    assert run.bookmark("invoices") == before.bookmark("invoices")


@pytest.mark.parametrize("name", ["id", "update"])
def test_a_catalog_whose_schema_lacks_what_the_tap_needs_is_refused_in_a_sentence(
    books: Sandbox, name: str
) -> None:
    made = catalog(books, "invoices", "extractions", change=lambda *_: None)
    del made["streams"][0]["schema"]["properties"][name]
    with pytest.raises(InputError, match=f"schema of invoices in the catalog lacks '{name}'") as caught:
        run_tap(books, catalog=made)
    assert "Make a new catalog with --discover, and deselect" in str(caught.value)
    assert books.log == []
    if name == "update":
        made["streams"][0]["replication_method"] = "FULL_TABLE"
        assert len(run_tap(books, catalog=made).ids("invoices")) == 2
    made["streams"][0]["metadata"] = [{"breadcrumb": [], "metadata": {"selected": False}}]
    assert run_tap(books, catalog=made).error is None


def test_a_catalog_may_leave_out_any_other_property(books: Sandbox) -> None:
    made = catalog(books, "invoices", "extractions", change=lambda *_: None)
    for name in set(made["streams"][0]["schema"]["properties"]) - {"id", "update"}:
        del made["streams"][0]["schema"]["properties"][name]
    run = run_tap(books, catalog=made)
    assert run.records("invoices")[0].keys() == {"id", "update"}
    assert run.bookmark("invoices") is not None
    assert run_tap(books, catalog=made, state=run.state).ids("invoices") == []


def test_a_field_that_a_catalog_adds_is_sent_and_not_unknown(books: Sandbox) -> None:
    books.books.put("Invoice", {"id": "1", "ourField": 5})
    made = catalog(books, "invoices", "extractions", change=lambda *_: None)
    made["streams"][0]["schema"]["properties"]["ourField"] = {"type": ["string", "null"]}
    run = run_tap(books, catalog=made)
    assert next(r for r in run.records("invoices") if r["id"] == "1")["ourField"] == "5"
    assert run.audit("invoices")["unknown_fields"] == []


def test_a_stream_map_renames_filters_computes_and_copies(books: Sandbox) -> None:
    maps = {
        "invoices": {"net": "float(sumNet)", "sumNet": None, "__filter__": "id != '1'"},
        "bills": {"__source__": "invoices", "id": "id", "__else__": None},
    }
    run = run_tap(books, "invoices", stream_maps=maps)
    assert [(record["id"], record["net"]) for record in run.records("invoices")] == [("2", 200.5)]
    assert "sumNet" not in run.records("invoices")[0]
    assert sorted(record["id"] for record in run.records("bills")) == ["1", "2"]
    assert list(run.records("bills")[0]) == ["id"]
    assert run.audit("invoices")["records"] == 1
    assert run.audit("invoices")["distinct_records"] == 2
    assert run.bookmark("invoices") is not None


EXPRESSIONS = (
    "float(nothing)",
    "int(header)",
    "header + 1",
    "header.foo()",
    "json.loads(header)",
    "{}[header]",
)


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_a_stream_map_that_cannot_be_computed_fails_its_stream_only(
    books: Sandbox, caplog: pytest.LogCaptureFixture, expression: str
) -> None:
    books.books.put("Tag", {"id": "1"})
    books.books.put("Invoice", {"id": "1", "header": "Geheim"})
    run = run_tap(books, "invoices", "tags", stream_maps={"invoices": {"net": expression}})
    assert "invoices failed" in str(run.error)
    assert "invoices: its stream map cannot be computed for a record (" in caplog.text
    assert "Correct the setting stream_maps" in caplog.text
    assert "Geheim" not in caplog.text
    assert run.ids("tags") == ["1"]


def test_flattening_makes_references_columns(books: Sandbox) -> None:
    run = run_tap(books, "invoices", flattening_enabled=True, flattening_max_depth=1)
    assert run.records("invoices")[0]["contact__id"] == "7"
    assert run.schema("invoices")["properties"]["contact__objectName"] == {"type": ["string", "null"]}
    assert "contact" not in run.records("invoices")[0]


def test_flattening_leaves_no_name_of_a_reference_that_is_null(books: Sandbox) -> None:
    """A record has no property that its schema does not announce: loaders warn of it, or fail."""
    books.books.put("Invoice", {"id": "1", "contact": None, "paymentMethod": None})
    run = run_tap(books, "invoices", flattening_enabled=True, flattening_max_depth=1)
    announced = run.schema("invoices")["properties"].keys()
    assert {name for record in run.records("invoices") for name in record} <= announced


def test_names_that_flattening_makes_equal_are_refused_in_a_sentence(books: Sandbox) -> None:
    settings: dict[str, Any] = {
        "flattening_enabled": True,
        "flattening_max_depth": 1,
        "flattening_max_key_length": 10,
    }
    with pytest.raises(InputError, match="flattening_max_key_length is too small: two columns"):
        run_tap(books, "invoices", **settings)


def test_batch_files_hold_what_record_messages_would(books: Sandbox, tmp_path: Path) -> None:
    batch = {
        "encoding": {"format": "jsonl", "compression": "gzip"},
        "storage": {"root": tmp_path.as_uri()},
    }
    plain = run_tap(books, "invoices", stream_maps={"invoices": {"sumNet": None, "id": "'I' + id"}})
    run = run_tap(
        books, "invoices", batch_config=batch, stream_maps={"invoices": {"sumNet": None, "id": "'I' + id"}}
    )
    (message,) = [m for m in run.messages if m["type"] == "BATCH" and m["stream"] == "invoices"]
    with gzip.open(urlparse(message["manifest"][0]).path, "rt") as file:
        records = [json.loads(line) for line in file]
    assert records == plain.records("invoices")
    assert run.bookmark("invoices") == plain.bookmark("invoices")
    index = run.messages.index(message)
    assert all(
        "invoices" not in m["value"]["bookmarks"] for m in run.messages[:index] if m["type"] == "STATE"
    )


NEW = {"mood": "good", "rate": 0.1, "parts": {"a": [1, {"b": None}]}}
"""Fields of an invoice that no schema names."""


def test_a_stream_map_sees_the_additional_fields_and_leaves_them_as_they_are(books: Sandbox) -> None:
    books.books.put("Invoice", {"id": "1", **NEW})
    maps = {"invoices": {"mood": "additional_fields['mood'] if additional_fields else None"}}
    run = run_tap(books, "invoices", stream_maps=maps)
    found = {each["id"]: (each["additional_fields"], each["mood"]) for each in run.records("invoices")}
    assert found == {"1": (NEW, "good"), "2": (None, None)}
    assert run.schema("invoices")["properties"]["additional_fields"]["type"] == ["object", "null"]


def test_a_stream_map_can_empty_and_remove_the_additional_fields(books: Sandbox) -> None:
    books.books.put("Invoice", {"id": "1", **NEW})
    run = run_tap(books, "invoices", stream_maps={"invoices": {"additional_fields": None}})
    assert not any("additional_fields" in record for record in run.records("invoices"))
    assert "additional_fields" not in run.schema("invoices")["properties"]
    assert run.audit("invoices")["unknown_fields"] == sorted(NEW)


@pytest.mark.parametrize("depth", [1, 3])
def test_flattening_keeps_the_additional_fields_in_one_column(books: Sandbox, depth: int) -> None:
    """Or each new field of sevDesk's would be a column that no SCHEMA announces."""
    books.books.put("Invoice", {"id": "1", **NEW})
    run = run_tap(books, "invoices", flattening_enabled=True, flattening_max_depth=depth)
    assert run.error is None
    columns = run.schema("invoices")["properties"]
    records = {record["id"]: record for record in run.records("invoices")}
    beside = [record[name] for record in records.values() for name in record.keys() - columns.keys()]
    assert set(beside) <= {None}  # a reference that is null leaves its own name behind
    assert json.loads(records["1"]["additional_fields"]) == NEW
    assert records["2"]["additional_fields"] is None
    assert columns["additional_fields"] == {"type": ["string", "null"]}
    assert [name for name in columns if name.startswith("additional_fields")] == ["additional_fields"]


def test_batch_files_hold_the_additional_fields(books: Sandbox, tmp_path: Path) -> None:
    books.books.put("Invoice", {"id": "1", **NEW})
    batch = {"encoding": {"format": "jsonl", "compression": "gzip"}, "storage": {"root": tmp_path.as_uri()}}
    run = run_tap(books, "invoices", batch_config=batch)
    (message,) = [m for m in run.messages if m["type"] == "BATCH" and m["stream"] == "invoices"]
    with gzip.open(urlparse(message["manifest"][0]).path, "rt") as file:
        records = [json.loads(line) for line in file]
    assert {record["id"]: record["additional_fields"] for record in records} == {"1": NEW, "2": None}


def test_batch_and_a_copying_stream_map_exclude_each_other_in_a_sentence(
    books: Sandbox, tmp_path: Path
) -> None:
    batch = {"encoding": {"format": "jsonl", "compression": "gzip"}, "storage": {"root": tmp_path.as_uri()}}
    run = run_tap(books, "invoices", batch_config=batch, stream_maps={"copy": {"__source__": "invoices"}})
    assert "invoices failed" in str(run.error)


def test_records_reach_the_pipe_while_the_next_page_is_fetched(books: Sandbox) -> None:
    """The writer collects records, but a page is handed on before the next one is waited for."""
    tap = TapSevDesk(config=config_for(books))
    writer = tap.message_writer
    pending: list[int] = []
    books.on_request(lambda _: pending.append(len(getattr(writer, "_pending"))))  # noqa: B009
    for i in range(30):
        books.books.put("Tag", {"id": str(i)})
    run = run_tap(books, "tags", page_size=10)
    assert len(run.ids("tags")) == 30
    assert set(pending) == {0}


def test_get_records_gives_records_to_those_who_use_the_tap_as_a_library(books: Sandbox) -> None:
    stream = TapSevDesk(config=config_for(books)).streams["invoices"]
    assert sorted(str(record["id"]) for record in stream.get_records(None) if isinstance(record, dict)) == [
        "1",
        "2",
    ]
