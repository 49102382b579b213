"""Singer target for one local DuckDB file: the warehouse where there is no Snowflake account."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ClassVar

import msgspec
from singer_sdk import Target
from singer_sdk import typing as th
from singer_sdk.contrib.msgspec import decoder
from singer_sdk.helpers.capabilities import CapabilitiesEnum, PluginCapabilities, TargetCapabilities
from singer_sdk.io_base import GenericSingerReader
from singer_sdk.exceptions import InvalidInputLine, MissingKeyPropertiesError, RecordsWithoutSchemaException

from sevdesk_target_duckdb.sink import DuckDBSink
from sevdesk_target_duckdb.warehouse import LoadError, Warehouse

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    from singer_sdk.sinks import Sink


class BytesReader(GenericSingerReader[bytes]):
    """Reads messages as bytes, numbers exactly; unlike the SDK's readers it never prints a line it cannot read."""

    default_input = sys.stdin.buffer

    def deserialize_json(self, line: bytes) -> dict[str, Any]:
        """Parse one line; raises LoadError if it is not a JSON object."""
        try:
            message = decoder.decode(line)
        except (msgspec.DecodeError, UnicodeError) as error:
            raise LoadError(f"The tap sent a line that is not JSON ({error}).") from error
        if not isinstance(message, dict):
            raise LoadError("The tap sent a line that is not a Singer message.")
        return message


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
        th.Property(
            "path", th.StringType, required=True, description="DuckDB file; made, with its folder, if missing"
        ),
        th.Property(
            "default_target_schema", th.StringType, default="raw", description="Schema of all tables"
        ),
        th.Property(
            "add_record_metadata", th.BooleanType, default=True, description="Add the `_sdc_*` columns"
        ),
        th.Property(
            "hard_delete",
            th.BooleanType,
            default=False,
            description="Remove rows of old table versions instead of marking them",
        ),
        additional_properties=False,
    ).to_dict()

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.max_parallelism = (
            1  # DuckDB is parallel inside; sinks drained in threads would share its connection
        )
        self.tables: dict[str, str] = {}
        self.warehouse = Warehouse(Path(self.config["path"]))

    @classmethod
    def append_builtin_config(cls, config_jsonschema: dict[str, Any]) -> None:
        """Leave out the SDK's `load_method`: keys decide here."""
        super().append_builtin_config(config_jsonschema)
        config_jsonschema["properties"].pop("load_method", None)

    @classmethod
    def invoke(cls, **arguments: Any) -> None:
        """Run, and end with one sentence and exit code 1 where a person can mend the cause."""
        try:
            super().invoke(**arguments)
        except (LoadError, MissingKeyPropertiesError, RecordsWithoutSchemaException) as error:
            cls.logger.error("%s", error)  # noqa: TRY400
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

        The SDK would keep it until the next full drain, so that older rows could overwrite newer ones.
        """
        if schema is not None and self.sink_exists(stream_name):
            self.drain_one(super().get_sink(stream_name))
        return super().get_sink(stream_name, record=record, schema=schema, key_properties=key_properties)

    def process_endofpipe(self) -> None:
        """Load what waits, pass the last state on, close the file."""
        super().process_endofpipe()
        self.warehouse.close()

    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:
        """End at once, with the open batch rolled back and no further state.

        The SDK would drain all sinks here, in the middle of a batch perhaps, and emit a state ahead of its rows.
        """
        del frame
        self.logger.warning(
            "Stopped by signal %d: the open batch is not loaded, the next run repeats it.", signum
        )
        sys.exit(128 + signum)
