"""Catalogs, also written by hand: each works, as far as it says something, or ends in a sentence."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from sevdesk_sandbox import Sandbox
from tap_running import NOON, Outcome, asked_by_streams, run_tap

from tap_sevdesk.errors import InputError
from tap_sevdesk.tap import TapSevDesk

TOKEN = "0123456789abcdef0123456789abcdef"
SELECTED = [{"breadcrumb": [], "metadata": {"selected": True}}]
DESELECTED = [{"breadcrumb": [], "metadata": {"selected": False}}]


def discovered() -> dict[str, Any]:
    """Return what --discover says of invoices."""
    entry: dict[str, Any] = TapSevDesk(config={"api_token": TOKEN}).catalog_dict["streams"][0]
    return copy.deepcopy(entry)


def accept(*entries: object) -> TapSevDesk:
    return TapSevDesk(config={"api_token": TOKEN}, catalog={"streams": list(entries)})


@pytest.fixture
def books() -> Iterator[Sandbox]:
    with Sandbox(firm=False, now=NOON) as sandbox:
        sandbox.books.put("Invoice", {"id": "1", "sumNet": "1.00", "sepaPayerIban": "DE02"})
        sandbox.clock.advance(minutes=1)
        yield sandbox


def read(books: Sandbox, *entries: dict[str, Any]) -> Outcome:
    return run_tap(books, catalog={"streams": list(entries)})


def test_a_catalog_that_selects_an_unknown_stream_is_refused() -> None:
    with pytest.raises(
        InputError, match="names a stream 'invoice' that does not exist; did you mean 'invoices'"
    ):
        accept(discovered() | {"tap_stream_id": "invoice"})


def test_a_catalog_that_names_an_unknown_stream_without_selecting_it_is_warned_of(
    caplog: pytest.LogCaptureFixture,
) -> None:
    accept({"tap_stream_id": "letters", "metadata": DESELECTED})
    assert "letters" in caplog.text


def test_a_catalog_with_another_replication_key_is_refused() -> None:
    with pytest.raises(InputError, match="wants invoices by 'create'"):
        accept(discovered() | {"replication_key": "create"})


def test_a_catalog_with_another_key_is_refused() -> None:
    with pytest.raises(InputError, match="wants invoices by the key invoiceNumber"):
        accept(discovered() | {"key_properties": ["invoiceNumber"]})


LEFT_OUT = {"replication_key", "replication_method", "key_properties", "is_view"}


@pytest.mark.parametrize(
    "entry",
    [
        {key: value for key, value in discovered().items() if key not in LEFT_OUT},
        discovered() | {"schema": {}},
        discovered() | {"metadata": []},
        {"tap_stream_id": "invoices"},
        {"tap_stream_id": "invoices", "metadata": SELECTED},
        {"tap_stream_id": "invoices", "selected": True},
        {"tap_stream_id": "invoices", "selected": True, "metadata": [{"breadcrumb": [], "metadata": {}}]},
    ],
)
def test_what_a_catalog_leaves_out_is_as_discovered_and_bank_data_is_not_selected(
    books: Sandbox, entry: dict[str, Any]
) -> None:
    usual, run = read(books, discovered()), read(books, entry)
    assert run.error is None
    assert run.records("invoices") == usual.records("invoices") != []
    announced, expected = ([it for it in each.messages if it["type"] == "SCHEMA"] for each in (run, usual))
    assert announced == expected
    assert "sepaPayerIban" not in run.schema("invoices")["properties"]
    assert run.bookmark("invoices") == usual.bookmark("invoices") is not None


@pytest.mark.parametrize(
    "says", [{"inclusion": "available", "selected": False}, {"inclusion": "unsupported"}]
)
def test_the_key_and_the_time_of_change_are_there_whatever_a_catalog_says_of_them(
    books: Sandbox, says: dict[str, Any]
) -> None:
    """A loader fails on a key that SCHEMA does not announce."""
    properties = discovered()["schema"]["properties"]
    metadata = [{"breadcrumb": ["properties", name], "metadata": says} for name in properties]
    run = read(books, {"tap_stream_id": "invoices", "metadata": [*SELECTED, *metadata]})
    assert run.schema("invoices")["properties"].keys() == {"id", "update"}
    assert [record.keys() for record in run.records("invoices")] == [{"id", "update"}]


@pytest.mark.parametrize(
    "entry",
    [
        {"tap_stream_id": "invoices", "selected": False},
        {"tap_stream_id": "invoices", "metadata": DESELECTED},
        {"tap_stream_id": "invoices", "metadata": DESELECTED, "selected": True},
        {"tap_stream_id": "invoices", "metadata": [{"breadcrumb": [], "metadata": {}}]},
    ],
)
def test_a_stream_that_a_catalog_deselects_costs_no_request(books: Sandbox, entry: dict[str, Any]) -> None:
    assert read(books, entry, {"tap_stream_id": "tags"}).error is None
    assert {request.path for request in asked_by_streams(books)} == {"/Tag"}


def test_a_stream_has_its_own_name_whatever_the_catalog_calls_it(
    books: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    run = read(books, discovered() | {"stream": "bills"})
    assert (run.error, run.ids("invoices")) == (None, ["1"])
    assert "The catalog calls invoices 'bills'" in caplog.text


def test_a_catalog_that_names_a_stream_twice_is_refused() -> None:
    with pytest.raises(InputError, match="names invoices twice"):
        accept(discovered(), discovered() | {"metadata": DESELECTED})


BROKEN: list[dict[str, Any]] = [
    {"schema": None},
    {"schema": []},
    {"schema": {"properties": ["id"]}},
    {"schema": {"properties": {"id": "string"}}},
    {"metadata": None},
    {"metadata": {"selected": True}},
    {"metadata": [{"metadata": {"selected": True}}]},
    {"metadata": [{"breadcrumb": None, "metadata": {}}]},
    {"metadata": [{"breadcrumb": [], "metadata": None}]},
]


@pytest.mark.parametrize(
    "catalog",
    [
        {},
        [discovered()],
        "invoices",
        {"streams": None},
        {"streams": {"invoices": discovered()}},
        {"streams": ["invoices"]},
        {"streams": [{"stream": "invoices"}]},
        {"streams": [{"tap_stream_id": ["invoices"]}]},
        *({"streams": [{"tap_stream_id": "invoices"} | broken]} for broken in BROKEN),
    ],
)
def test_what_is_no_catalog_is_refused_in_a_sentence(catalog: Any) -> None:
    with pytest.raises(InputError, match=r"The catalog is not one: .* Make a new one with --discover\."):
        TapSevDesk(config={"api_token": TOKEN}, catalog=catalog)
