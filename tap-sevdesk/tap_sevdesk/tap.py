"""The tap: settings in, streams in their order, one summary out."""

import copy
import os
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import cached_property
from importlib import metadata
from types import FrameType
from typing import Any, ClassVar, cast

import click
from singer_sdk import Stream, Tap
from singer_sdk.configuration._dict_config import parse_environment_config
from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.helpers._classproperty import classproperty
from singer_sdk.helpers.capabilities import CapabilitiesEnum, PluginCapabilities, TapCapabilities
from singer_sdk.tap_base import CliTestOptionValue

from tap_sevdesk import masking
from tap_sevdesk.account import Account, ask, refuse_another
from tap_sevdesk.bookmark import parse_time
from tap_sevdesk.catalog import complete, read_catalog
from tap_sevdesk.cli import Command, end_by_signal, silence_metrics, unexpected
from tap_sevdesk.client import Client, Tally
from tap_sevdesk.clock import refuse_wrong_clock
from tap_sevdesk.errors import InputError, RunError, TapError
from tap_sevdesk.extractions import Extraction
from tap_sevdesk.extractions_stream import ExtractionsStream
from tap_sevdesk.inputs import (
    SETTINGS,
    normalise,
    problems,
    read_account,
    read_state,
    token_name,
    usable_at,
)
from tap_sevdesk.reader import StreamReader
from tap_sevdesk.stream import SevDeskStream
from tap_sevdesk.streams import SOURCES, load_schema
from tap_sevdesk.writer import BufferedWriter


@dataclass(frozen=True)
class Settings:
    """The settings that are the tap's own, checked and typed."""

    api_token: str
    api_url: str
    start_date: datetime | None
    page_size: int
    lookback_seconds: int
    requests_per_second: float
    read_ahead: int | None
    user_agent: str
    request_timeout: float
    account: str | None
    required_streams: frozenset[str] | None
    """Streams whose failure makes the run fail; `None` means all."""
    typed: bool

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> "Settings":
        """Take them from a configuration that has been checked."""
        values: dict[str, Any] = {name: config.get(name) for name in SETTINGS["properties"]}
        values["api_url"] = config["api_url"].rstrip("/")
        values["start_date"] = parse_time(config.get("start_date"))
        values["user_agent"] = config.get("user_agent") or f"tap-sevdesk/{metadata.version('tap-sevdesk')}"
        required = config.get("required_streams")
        values["required_streams"] = frozenset(required) if required else None
        return cls(**values)


class TapSevDesk(Tap):
    """Singer tap for sevDesk, the German online accounting."""

    name = "tap-sevdesk"
    config_jsonschema = copy.deepcopy(SETTINGS)  # the SDK adds the settings of its capabilities to it
    message_writer_class = BufferedWriter
    capabilities: ClassVar[list[CapabilitiesEnum]] = [
        TapCapabilities.CATALOG,
        TapCapabilities.STATE,
        TapCapabilities.DISCOVER,
        TapCapabilities.TEST,
        PluginCapabilities.ABOUT,
        PluginCapabilities.STREAM_MAPS,
        PluginCapabilities.FLATTENING,
        PluginCapabilities.BATCH,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]

    def __init__(self, **options: Any) -> None:  # noqa: ANN401
        self.extractions: list[Extraction] = []
        self.account = Account(None)
        self.inhabited = True
        self.run_id = uuid.uuid4().hex
        if options.get("catalog") is not None:
            options["catalog"] = read_catalog(options["catalog"])
        super().__init__(**options)
        silence_metrics()

    @classproperty
    def _env_var_config(cls) -> dict[str, Any]:  # noqa: N805
        """Return settings in the environment as text, for `normalise`; singer-sdk 0.54.9 guesses or fails."""
        cls.append_builtin_config(cls.config_jsonschema)
        texts = {name: {"type": "string"} for name in cls.config_jsonschema["properties"]}
        return parse_environment_config({"properties": texts}, cls._env_var_prefix)

    @cached_property
    def settings(self) -> Settings:
        """The tap's own settings."""
        return Settings.of(self.config)

    @cached_property
    def client(self) -> Client:
        """The connection to sevDesk that all streams share."""
        return Client(
            api_url=self.settings.api_url,
            token=self.settings.api_token,
            user_agent=self.settings.user_agent,
            timeout=self.settings.request_timeout,
            requests_per_second=self.settings.requests_per_second,
            token_name=token_name(self.settings.api_token, os.environ),
        )

    def discover_streams(self) -> Sequence[Stream]:
        """Return all streams; needs neither network nor credentials."""
        sources: list[Stream] = [SevDeskStream(self, source) for source in SOURCES]
        audit = ExtractionsStream(self, schema=load_schema("extractions"))
        audit.primary_keys = ("id",)
        return [*sources, audit]

    def setup_mapper(self) -> None:
        """Before the SDK takes streams from the catalog, add what it does not say of them."""
        if self.input_catalog is not None:
            complete(self.input_catalog, {it.name: it for it in self.discover_streams()}, self.logger)
        try:
            super().setup_mapper()
        except ValueError as error:
            if "Duplicate column name" not in str(error):
                raise
            msg = (
                "flattening_max_key_length is too small: two columns of a stream would have the same name. "
                "Set it larger, or leave it out."
            )
            raise InputError(msg) from error

    @property
    def streams(self) -> dict[str, Stream]:
        """All streams in the order they are read, documents before positions; the SDK sorts by name."""
        streams = super().streams
        return {name: streams[name] for name in [*(source.name for source in SOURCES), "extractions"]}

    @property
    def _top(self) -> dict[str, Any]:
        """The state as one dictionary: the account stands in it beside the bookmarks."""
        return cast("dict[str, Any]", self.state)

    def load_state(self, state: dict[str, Any]) -> None:
        """Take over what is usable of a state; `InputError` for what is none, or that of another tap."""
        names = [source.name for source in SOURCES] + ["extractions"]
        super().load_state({"bookmarks": read_state(state, names, self.logger)})
        if state and (account := read_account(state)):
            self._top["account"] = account

    def open_reader(self, stream: str, since: datetime | None) -> StreamReader:
        """Begin to read a stream, with an account of its own in the audit trail."""
        extraction = Extraction(self.run_id, stream, self.client.clock.now(), since)
        self.extractions.append(extraction)
        settings = self.settings
        return StreamReader(
            self.client, extraction, self.account, settings.page_size, settings.read_ahead, since
        )

    def prepare(self) -> None:
        """Ask sevDesk whose token this is and what time it is, before anything is emitted.

        Raises `RunError` for the account of somebody else and for a clock that is wrong.
        """
        found = ask(self.client, Tally())
        known, self.inhabited = found.account, found.inhabited
        refuse_wrong_clock(self.client.clock.difference())
        refuse_another(known, self.settings.account, "the setting account")
        refuse_another(known, self._top.get("account"), "the state of the last run")
        self.account = Account(known or self.settings.account or self._top.get("account"))
        if self.account.known:
            self._top["account"] = self.account.known
        if found.failed and known is None:
            self.logger.warning(
                "The list of users (/SevUser) cannot be read, and no other list tells whose token this is. "
                "Each row is checked as it comes."
            )
        usable_at(
            self.client.clock.date or self.client.clock.now(), self.state.get("bookmarks", {}), self.logger
        )

    def write_lines(self, lines: bytes) -> None:
        """Write messages that are encoded already, each a line."""
        assert isinstance(self.message_writer, BufferedWriter)  # noqa: S101  # or records would be lost
        self.message_writer.write_lines(lines)

    def flush(self) -> None:
        """Write messages that are pending, so that the target has work while the next page is fetched."""
        if isinstance(self.message_writer, BufferedWriter):
            self.message_writer.flush()

    def write_schemas(self) -> None:  # type: ignore[misc]  # marked final, too
        """Write the SCHEMA of every stream, for `--test=schema`; in a run it waits for the first record."""
        for stream in self.streams.values():
            stream.selected = True
            Stream._write_schema_message(stream)  # as singer-sdk 0.54.9 does

    def sync_all(self) -> None:  # type: ignore[misc]  # marked final in singer-sdk 0.54.9
        """Read all selected streams, then fail if one of them failed.

        The SDK ends at the first error (BEHAVIOR.md 50). Here only what concerns the whole run does: a token
        that is refused, an address that does not answer.
        """
        selected = [stream for stream in self.streams.values() if stream.selected]
        if any(isinstance(stream, SevDeskStream) for stream in selected):
            self.prepare()
        if self.state.get("bookmarks"):
            self.state_writer.write_state(self.state)
        failed: dict[str, TapError] = {}
        for stream in selected:
            if stream.name == "extractions":
                self._doubt_an_empty_account()
            elif any(isinstance(error, RunError) for error in failed.values()):
                continue
            try:
                stream.sync()
            except BrokenPipeError:
                raise  # nobody reads any more
            except Exception as error:  # a stream map that cannot be computed, a disk that is full, a mistake
                self._fail(stream, error, failed)
            if isinstance(stream, SevDeskStream) and stream.error:
                failed[stream.name] = stream.error
            stream.finalize_state_progress_markers()
            if self.account.known:
                self._top["account"] = self.account.known
        self.flush()
        if failed:
            msg = (
                f"Not everything was read: {', '.join(failed)} failed. "
                "The bookmarks of what failed have not moved: the next run reads it again."
            )
            raise TapError(msg)

    def _fail(self, stream: Stream, error: Exception, failed: dict[str, TapError]) -> None:
        """Say an error that nobody expected; it counts unless the run can do without the stream."""
        required = self.settings.required_streams
        message = unexpected(error)
        if required is None or stream.name in {*required, "extractions"} or isinstance(error, OSError):
            failed[stream.name] = message
            stream.logger.error("%s", message)
        else:
            stream.logger.warning(
                "%s The stream is not in required_streams: the run goes on without it.", message
            )
        stream.logger.debug("Where it came from", exc_info=True)

    def _doubt_an_empty_account(self) -> None:
        """Call no read complete when nothing at all came: every account has a user, and countries."""
        read = {extraction.stream: extraction for extraction in self.extractions}
        if self.inhabited or "static_countries" not in read:
            return
        if any(extraction.distinct_records or not extraction.complete for extraction in read.values()):
            return
        for extraction in read.values():
            extraction.reason = "nothing came"
        self.logger.warning(
            "sevDesk sent no row of any list, not even users and countries: no account is so empty. "
            "Nothing is counted as complete, and nothing as deleted."
        )

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        """Check the settings without showing their values, which singer-sdk 0.54.9 does."""
        self.append_builtin_config(self.config_jsonschema)
        known = self.config_jsonschema["properties"]
        self._config = normalise(self._config, known)
        masking.hide(str(self._config.get("api_token", "")))
        names = [source.name for source in SOURCES]
        found = problems(self._config, known, names, datetime.now(timezone.utc))
        if found and raise_errors:
            raise ConfigValidationError("The settings are not usable.", errors=found)
        return found

    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """End as a signal demands (singer-sdk 0.54.9 ends with 0, which looks like success)."""
        end_by_signal(signum, self.logger)

    @classmethod
    def get_singer_command(cls) -> click.Command:
        """Return the SDK's command with our way of telling errors."""
        command = super().get_singer_command()
        return Command(
            name=command.name,
            callback=command.callback,
            params=command.params,
            context_settings=command.context_settings,
            help=command.help,
            logger=cls.logger,
        )

    @classmethod
    def cb_test(cls, ctx: click.Context, param: click.Option, value: str) -> None:
        """Say in one sentence whether the token works and which bookkeeping system the account has.

        A wrong clock is refused as in a run.
        """
        if value != CliTestOptionValue.All.value:
            super().cb_test(ctx, param, value)
            return
        given = ctx.params["config"]
        tap = cls(config=given.config, parse_env_config=given.parse_env)
        answer = tap.client.get("/Tools/bookkeepingSystemVersion", (), Tally())
        refuse_wrong_clock(tap.client.clock.difference())
        version = answer.objects.get("version") if isinstance(answer.objects, dict) else None
        click.echo(f"The API token works; the account uses bookkeeping system {version or 'unknown'}.")
        ctx.exit()
