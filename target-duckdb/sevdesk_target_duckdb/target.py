"""Singer target for one local DuckDB file: the warehouse where there is no Snowflake account."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ClassVar, NoReturn

import msgspec
from singer_sdk import Target
from singer_sdk import typing as th
from singer_sdk.contrib.msgspec import decoder
from singer_sdk.exceptions import (
    ConfigValidationError,
    MissingKeyPropertiesError,
    RecordsWithoutSchemaException,
)
from singer_sdk.helpers.capabilities import CapabilitiesEnum, PluginCapabilities, TargetCapabilities
from singer_sdk.io_base import GenericSingerReader

from sevdesk_target_duckdb.sink import DuckDBSink
from sevdesk_target_duckdb.warehouse import LoadError, Warehouse

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    from singer_sdk.sinks import Sink


MEMBERS: dict[str, dict[str, type]] = {
    "SCHEMA": {"stream": str, "schema": dict},
    "RECORD": {"stream": str, "record": dict},
    "STATE": {"value": object},
    "ACTIVATE_VERSION": {"stream": str, "version": int},
    "BATCH": {"stream": str},
}
"""What a message of each type must hold."""


class BytesReader(GenericSingerReader[bytes]):
    """Reads messages with every digit of their numbers; unlike the SDK's readers it never prints a line."""

    @property
    def default_input(self) -> IO[bytes]:
        """Standard input, as bytes."""
        return sys.stdin.buffer

    def deserialize_json(self, line: bytes) -> dict[str, Any]:
        """Parse a line; raises LoadError if it is no good Singer message."""
        try:
            message = decoder.decode(line)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise LoadError("The tap sent a line that is not JSON.") from error
        if not isinstance(message, dict):
            raise LoadError("The tap sent a line that is not a Singer message.")
        kind = message.get("type")
        members = MEMBERS.get(kind) if isinstance(kind, str) else None
        if members is None:
            raise LoadError("The tap sent a message of an unknown type.")
        for name, wanted in members.items():
            if name not in message or not isinstance(message[name], wanted):
                raise LoadError(f"The tap sent {kind} without a good {name}.")
        if kind == "SCHEMA":
            _check_schema(message)
        return message


def _check_schema(message: dict[str, Any]) -> None:
    properties = message["schema"].get("properties")
    if not isinstance(properties, dict) or not all(isinstance(each, dict) for each in properties.values()):
        raise LoadError("The tap sent SCHEMA without good properties.")
    keys = message.get("key_properties") or []
    if not isinstance(keys, list) or not all(isinstance(each, str) for each in keys):
        raise LoadError("The tap sent SCHEMA without good key_properties.")


class TargetDuckDB(Target):
    """Singer target for one local DuckDB file."""

    name = "target-duckdb"
    package_name = "sevdesk-target-duckdb"
    default_sink_class = DuckDBSink
    message_reader_class = BytesReader
    capabilities: ClassVar[list[CapabilitiesEnum]] = [
        *Target.capabilities,
        PluginCapabilities.ACTIVATE_VERSION,
        TargetCapabilities.HARD_DELETE,
        TargetCapabilities.TARGET_SCHEMA,
    ]
    config_jsonschema: ClassVar[dict[str, Any]] = th.PropertiesList(
        th.Property("path", th.StringType, required=True, description="The DuckDB file; made if missing."),
        th.Property(
            "default_target_schema", th.StringType, default="raw", description="Schema of the tables."
        ),
        th.Property("add_record_metadata", th.BooleanType, default=True, description="Add `_sdc_*` columns."),
        th.Property(
            "hard_delete",
            th.BooleanType,
            default=False,
            description="On ACTIVATE_VERSION remove old rows instead of setting `_sdc_deleted_at`.",
        ),
        additional_properties=False,
    ).to_dict()

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 (the SDK's own)
        super().__init__(**settings)
        self.metrics_logger.setLevel(logging.WARNING)  # our line a batch says the same for people
        self.max_parallelism = 1  # DuckDB is parallel inside; the SDK's threads would share our connection
        self.tables: dict[str, str] = {}  # table: the stream that fills it
        self.warehouse = Warehouse(Path(self.config["path"]))

    @classmethod
    def append_builtin_config(cls, config_jsonschema: dict[str, Any]) -> None:
        """Leave out the SDK's `load_method`: a stream with a key is upserted, one without is appended."""
        super().append_builtin_config(config_jsonschema)
        config_jsonschema["properties"].pop("load_method", None)

    @classmethod
    def invoke(cls, **arguments: Any) -> None:  # noqa: ANN401 (the SDK's own)
        """Run; where a person can fix the cause of a failure, end with a sentence and exit code 1."""
        try:
            super().invoke(**arguments)
        except (LoadError, MissingKeyPropertiesError, RecordsWithoutSchemaException) as error:
            cls._end(" ".join(str(error).split()))
        except ConfigValidationError:
            raise  # the SDK says it in a sentence
        except Exception as error:  # its text may hold data
            cls._end(
                f"Unexpected {type(error).__name__}. "
                "With TARGET_DUCKDB_LOGLEVEL=DEBUG the log says where it came from."
            )

    @classmethod
    def _end(cls, sentence: str) -> NoReturn:
        cls.logger.error("%s", sentence)
        cls.logger.debug("Where it came from", exc_info=True)
        sys.exit(1)

    def get_sink(
        self,
        stream_name: str,
        *,
        record: dict[str, Any] | None = None,
        schema: dict[str, Any] | None = None,
        key_properties: Sequence[str] | None = None,
    ) -> Sink:
        """Give the stream's sink; before a new schema starts, load what waits under the old one.

        The SDK alone would load that at its next full drain, over newer rows perhaps.
        """
        if schema is not None and self.sink_exists(stream_name):
            self.drain_one(super().get_sink(stream_name))
        return super().get_sink(stream_name, record=record, schema=schema, key_properties=key_properties)

    def _process_activate_version_message(self, message_dict: dict[str, Any]) -> None:
        """Refuse the message before the stream's SCHEMA, as the SDK refuses a record there."""
        if message_dict["stream"] not in self.mapper.stream_maps:
            self._assert_sink_exists(message_dict["stream"])
        super()._process_activate_version_message(message_dict)

    def _process_batch_message(self, message_dict: dict[str, Any]) -> None:
        """Refuse the message: records of a BATCH bear no `_sdc_*` values, on which deletes rest."""
        sentence = "BATCH messages are not supported. Unset batch_config in the tap."
        raise LoadError(f"Stream {message_dict['stream']}: {sentence}")

    def process_endofpipe(self) -> None:
        """Load what waits, pass the last state on, close the file."""
        super().process_endofpipe()
        self.warehouse.close()

    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:
        """End at once; DuckDB rolls the open batch back when the file is opened next.

        The SDK alone would drain all sinks, in the middle of a batch perhaps, and emit a state ahead of it.
        An exception would not do: DuckDB swallows it in the middle of a query.
        """
        del frame
        self.logger.warning("Stopped by signal %d. Batches loaded so far stay; the next run goes on.", signum)
        os._exit(128 + signum)
