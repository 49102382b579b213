"""Bad input: a sentence that says what to do, nothing sent, the value itself never shown if it is secret."""

import logging
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from singer_sdk.exceptions import ConfigValidationError
from tap_running import SAME_EACH_TIME

from tap_sevdesk.bookmark import format_time
from tap_sevdesk.errors import InputError
from tap_sevdesk.inputs import normalise, read_state, usable_at
from tap_sevdesk.streams import SOURCES
from tap_sevdesk.tap import TapSevDesk

TOKEN = "0123456789abcdef0123456789abcdef"
KNOWN = [source.name for source in SOURCES]
LOGGER = logging.getLogger("test")


def complaints(**settings: object) -> str:
    """Return what is said of settings, or nothing."""
    config = {"api_token": TOKEN, **settings}
    try:
        TapSevDesk(config={name: value for name, value in config.items() if value != "missing"})
    except ConfigValidationError as error:
        return "\n".join(error.errors)
    return ""


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"api_url": "https://my.sevdesk.de/api/v1/"},
        {"api_url": "http://127.0.0.1:8765/api/v1"},
        {"api_url": "http://localhost/api/v1"},
        {"page_size": 1},
        {"page_size": 1000},
        {"page_size": "200"},
        {"requests_per_second": "0.5"},
        {"requests_per_second": 0},
        {"lookback_seconds": 0},
        {"user_agent": "Bäckerei Müller/1.0 (+mailto:it@example.org)"},
        {"start_date": "2024-01-01"},
        {"start_date": "2024-01-01T00:00:00Z"},
        {"start_date": ""},
        {"start_date": None},
        {"stream_maps": {}, "flattening_enabled": True, "flattening_max_depth": 1},
        {"stream_maps": {"contact*": {"name": None}, "tags": None, "extractions": None, "__else__": None}},
        {"stream_maps": {"bills": {"__source__": "invoices"}}},
    ],
)
def test_good_settings_are_accepted(settings: dict[str, Any]) -> None:
    assert complaints(**settings) == ""


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"api_token": "missing"}, "api_token is missing: sevDesk shows it"),
        ({"api_token": ""}, "api_token is missing"),
        ({"api_token": f" {TOKEN}"}, "contains a space"),
        ({"api_token": f"{TOKEN}\n"}, "contains a space, a line break"),
        ({"api_token": f'"{TOKEN}"'}, "a quotation mark"),
        ({"api_token": f"Bearer {TOKEN}"}, "wants the bare token"),
        ({"api_token": "changeme"}, "api_token is not one"),
        ({"api_token": "ä" * 32}, "api_token is not one"),
        ({"api_token": 12345}, "api_token is not text"),
        ({"api_url": "https://my.sevdesk.de"}, "must end in /api/v1"),
        ({"api_url": "https://my.sevdesk.de/api/v1?x=1"}, "must end in /api/v1"),
        ({"api_url": "http://my.sevdesk.de/api/v1"}, "must begin with https://"),
        ({"api_url": "http://127.0.0.1.evil.test/api/v1"}, "must begin with https://"),
        ({"api_url": "https://user:pass@my.sevdesk.de/api/v1"}, "is not an address"),
        ({"api_url": "my.sevdesk.de/api/v1"}, "is not an address"),
        ({"api_url": "ftp://my.sevdesk.de/api/v1"}, "is not an address"),
        ({"api_url": "https://host:port/api/v1"}, "is not an address"),
        ({"api_url": "https://[::1/api/v1"}, "is not an address"),
        ({"page_size": 0}, "page_size must be from 1 to 1000, not 0"),
        ({"page_size": 1001}, "page_size must be from 1 to 1000, not 1001"),
        ({"page_size": "many"}, "page_size is not a whole number"),
        ({"page_size": 1.5}, "page_size is not a whole number"),
        ({"page_size": True}, "page_size is not a whole number"),
        ({"lookback_seconds": -1}, "lookback_seconds must be from 0 to 1000000000, not -1"),
        ({"lookback_seconds": 10**11}, "lookback_seconds must be from 0 to 1000000000, not 100000000000"),
        ({"lookback_seconds": 10**20}, "lookback_seconds must be from 0 to 1000000000"),
        ({"requests_per_second": -1}, "requests_per_second must be at least 0"),
        ({"read_ahead": 0}, "read_ahead must be from 1 to 32, not 0"),
        ({"requests_per_second": float("nan")}, "requests_per_second must be at least 0"),
        ({"request_timeout": 0}, "request_timeout must be from 1 to 86400, not 0"),
        ({"request_timeout": float("nan")}, "request_timeout must be from 1 to 86400, not nan"),
        ({"request_timeout": float("inf")}, "request_timeout must be from 1 to 86400, not inf"),
        ({"user_agent": "two\nlines"}, "characters that a header cannot hold"),
        ({"user_agent": "5 €"}, "characters that a header cannot hold"),
        ({"start_date": "next week"}, "start_date is not a time like"),
        ({"start_date": "2999-01-01"}, "start_date lies in the future"),
        ({"start_date": 2024}, "start_date is not text"),
        ({"api_tokn": "x"}, "There is no setting 'api_tokn'; did you mean 'api_token'?"),
        ({"pagesize": 5}, "There is no setting 'pagesize'; did you mean 'page_size'?"),
        ({"colour": "red"}, "There is no setting 'colour'; there are account, api_token, api_url"),
        ({"stream_maps": "x"}, "stream_maps is not an object"),
        (
            {"stream_maps": {"contact": {"name": None}}},
            "stream_maps names a stream 'contact' that does not exist; did you mean 'contacts'?",
        ),
        ({"stream_maps": {"bills": {"__source__": "invoice"}}}, "stream_maps names a stream 'invoice' that"),
    ],
)
def test_bad_settings_are_refused_in_a_sentence(settings: dict[str, Any], sentence: str) -> None:
    said = complaints(**settings)
    assert sentence in said
    assert len(said.splitlines()) == 1
    assert TOKEN not in said


def test_several_mistakes_are_reported_at_once() -> None:
    assert len(complaints(page_size=0, read_ahead=0, colour="red").splitlines()) == 3


@given(st.text())
@SAME_EACH_TIME
def test_a_wrong_token_is_never_shown(token: str) -> None:
    said = complaints(api_token=token)
    assert len(token) < 8 or token not in said


@given(st.dictionaries(st.text(max_size=10), st.none() | st.text(max_size=10) | st.integers()))
@SAME_EACH_TIME
def test_normalising_settings_twice_changes_nothing(config: dict[str, Any]) -> None:
    assert normalise(normalise(config)) == normalise(config)


def bookmark(value: object, **more: object) -> dict[str, Any]:
    entry = {"replication_key": "update", "replication_key_value": value, **more}
    return {"bookmarks": {"invoices": entry}}


def read(state: object) -> dict[str, dict[str, Any]]:
    return read_state(state, KNOWN, LOGGER)


@pytest.mark.parametrize("state", [None, {}, {"bookmarks": {}}])
def test_no_state_is_no_state(state: object) -> None:
    assert read(state) == {}


def test_a_bookmark_is_taken_over_in_utc() -> None:
    state = bookmark("2026-06-30T14:00:00+02:00", total=17, progress_markers={}, partitions=[])
    assert read(state) == {
        "invoices": {
            "replication_key": "update",
            "replication_key_value": "2026-06-30T12:00:00+00:00",
            "total": 17,
        }
    }


def test_the_bookmark_of_an_older_tap_without_a_zone_is_german_time() -> None:
    entry = read(bookmark("2026-06-30T14:00:00"))["invoices"]
    assert entry["replication_key_value"] == "2026-06-30T12:00:00+00:00"


@pytest.mark.parametrize(
    "state",
    [
        {"bookmarks": []},
        {"bookmarks": {"invoices": "2026-01-01"}},
        {"invoices": {}},
        {"type": "STATE", "value": {"bookmarks": {}}},
        {"singer_state": {"bookmarks": {}}},
        ["bookmarks"],
        "2026-01-01",
        7,
    ],
)
def test_what_is_no_state_is_refused_in_a_sentence(state: object) -> None:
    with pytest.raises(InputError, match="The state is not one of this tap"):
        read(state)


def test_the_state_of_another_tap_is_refused() -> None:
    with pytest.raises(InputError, match=r"belongs to another tap: .*\(issues, users\)"):
        read({"bookmarks": {"users": {}, "issues": {}}})


def test_a_stream_that_no_longer_exists_is_left_out_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    state = bookmark("2026-01-01T00:00:00Z")
    state["bookmarks"]["letters"] = {}
    assert list(read(state)) == ["invoices"]
    assert "letters" in caplog.text


def test_a_bookmark_that_is_no_time_is_refused() -> None:
    with pytest.raises(InputError, match="The bookmark of invoices in the state is not a time"):
        read(bookmark("page 7"))


def test_a_bookmark_in_the_future_is_not_believed(caplog: pytest.LogCaptureFixture) -> None:
    now = datetime(2026, 6, 30, 12, tzinfo=timezone.utc)
    for minutes, kept in ((-1, True), (4, True), (6, False), (1_000_000, False)):
        entries = read(bookmark(format_time(now + timedelta(minutes=minutes))))
        usable_at(now, entries, LOGGER)
        assert bool(entries["invoices"]) is kept
    assert caplog.text.count("lies in the future") == 2


def test_a_bookmark_by_another_field_is_not_used() -> None:
    state = bookmark("2026-01-01T00:00:00Z")
    state["bookmarks"]["invoices"]["replication_key"] = "create"
    assert read(state) == {"invoices": {}}


@pytest.mark.parametrize(
    ("variable", "text", "sentence"),
    [
        ("PAGE_SIZE", "many", "page_size is not a whole number."),
        ("TYPED", "ja", "typed is not true or false."),
        ("STREAM_MAPS", "{invoices", "stream_maps is not an object."),
        ("REQUIRED_STREAMS", "[invoices", "required_streams is not a list."),
    ],
)
def test_a_setting_in_the_environment_that_cannot_be_read_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, variable: str, text: str, sentence: str
) -> None:
    monkeypatch.setenv("TAP_SEVDESK_API_TOKEN", "0123456789abcdef0123456789abcdef")
    monkeypatch.setenv(f"TAP_SEVDESK_{variable}", text)
    with pytest.raises(ConfigValidationError) as refused:
        TapSevDesk(parse_env_config=True)
    assert refused.value.errors == [sentence]


def test_settings_in_the_environment_are_read_by_their_kinds(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name, text in {
        "API_TOKEN": "0123456789abcdef0123456789abcdef",
        "PAGE_SIZE": "10",
        "TYPED": "yes",
        "REQUIRED_STREAMS": "invoices, contacts",
    }.items():
        monkeypatch.setenv(f"TAP_SEVDESK_{name}", text)
    settings = TapSevDesk(parse_env_config=True).settings
    assert (settings.page_size, settings.typed) == (10, True)
    assert settings.required_streams == frozenset({"invoices", "contacts"})
    assert [record for record in caplog.records if record.levelname == "WARNING"] == []
