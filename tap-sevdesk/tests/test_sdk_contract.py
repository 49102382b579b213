"""What this package overrides or relies on in singer-sdk 0.54.9 beyond its public promises.

One test for each: when an update of the SDK changes the ground, it is the name of the test that says which
override needs a look.
"""

import inspect
import signal
from importlib import metadata
from typing import Any

import pytest
from singer_sdk import Stream, Tap
from singer_sdk.plugin_base import PluginBase, SingerCommand
from singer_sdk.singerlib.encoding.base import GenericSingerWriter

from tap_sevdesk.stream import SevDeskStream
from tap_sevdesk.tap import TapSevDesk
from tap_sevdesk.writer import BufferedWriter

TOKEN = "0123456789abcdef0123456789abcdef"


def parameters(function: Any) -> list[str]:
    return list(inspect.signature(function).parameters)


@pytest.fixture
def tap() -> TapSevDesk:
    return TapSevDesk(config={"api_token": TOKEN})


def test_the_sdk_is_of_the_minor_version_that_was_looked_at() -> None:
    assert metadata.version("singer-sdk").startswith("0.54.")


def test_sync_calls_sync_records_to_its_end_and_passes_a_context(
    tap: TapSevDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Any] = []

    def records(_: Stream, context: Any = None, *, write_messages: bool = True) -> Any:
        calls.append((context, write_messages))
        yield {}
        calls.append("end")

    monkeypatch.setattr(SevDeskStream, "_sync_records", records)
    monkeypatch.setattr(SevDeskStream, "_write_schema_message", lambda _: None)
    tap.streams["tags"].sync()
    assert calls == [(None, True), "end"]
    assert parameters(Stream._sync_records) == ["self", "context", "write_messages"]


def test_batches_are_made_of_what_sync_records_yields_without_writing() -> None:
    assert "self._sync_records(context, write_messages=False)" in inspect.getsource(Stream.get_batches)


def test_a_state_is_written_when_a_stream_is_finalised_and_not_twice(tap: TapSevDesk) -> None:
    written: list[Any] = []
    tap.state_writer._message_writer = type(
        "W", (), {"write_message": lambda _, m: written.append(m.value)}
    )()
    stream = tap.streams["invoices"]
    stream.stream_state["replication_key_value"] = "x"
    stream.finalize_state_progress_markers()
    stream.finalize_state_progress_markers()
    assert written == [{"bookmarks": {"invoices": {"replication_key_value": "x"}}}]


def test_sync_without_a_signpost_leaves_none_in_the_state(tap: TapSevDesk) -> None:
    assert tap.streams["invoices"].get_replication_key_signpost(None) is None
    assert "if signpost := self.get_replication_key_signpost(context):" in inspect.getsource(Stream.sync)


def test_sync_all_is_called_by_invoke_and_takes_nothing() -> None:
    assert parameters(Tap.sync_all) == ["self"]
    assert "tap.sync_all()" in inspect.getsource(Tap.invoke)


def test_the_settings_are_checked_by_validate_config_while_the_tap_is_made() -> None:
    assert parameters(PluginBase._validate_config) == ["self", "raise_errors"]
    made = inspect.getsource(PluginBase.__init__)
    assert made.index("self._config = config_dict") < made.index(
        "self._validate_config(raise_errors=validate_config)"
    )


def test_signals_end_in_handle_termination(tap: TapSevDesk) -> None:
    assert signal.getsignal(signal.SIGTERM) == tap._handle_termination
    assert signal.getsignal(signal.SIGINT) == tap._handle_termination


def test_streams_are_taken_from_the_property_that_puts_them_in_order(tap: TapSevDesk) -> None:
    assert list(tap.streams)[:2] == ["invoices", "invoice_positions"]
    assert list(tap.streams)[-1] == "extractions"
    assert tap.streams["tags"] is tap.streams["tags"]
    assert isinstance(inspect.getattr_static(Tap, "streams"), property)


def test_the_command_of_the_sdk_can_be_built_again() -> None:
    ours, theirs = TapSevDesk.get_singer_command(), super(TapSevDesk, TapSevDesk).get_singer_command()
    assert isinstance(theirs, SingerCommand)
    assert [option.name for option in ours.params] == [option.name for option in theirs.params]


def test_writers_are_made_without_arguments_and_asked_to_write_messages() -> None:
    assert GenericSingerWriter.__abstractmethods__ == {"serialize_message", "write_message"}
    assert isinstance(TapSevDesk(config={"api_token": TOKEN}).message_writer, BufferedWriter)


def test_deselection_is_a_mask_by_breadcrumb(tap: TapSevDesk) -> None:
    stream = tap.streams["invoices"]
    stream.metadata["properties", "header"].selected = False
    stream._mask = None
    assert stream.mask["properties", "header"] is False
    assert stream.mask["properties", "status"] is True
    assert stream.mask["properties", "contact", "properties", "never heard of"] is True
