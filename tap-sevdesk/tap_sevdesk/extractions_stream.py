"""The audit trail as a stream of the Singer SDK: it comes last and tells of the others."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from singer_sdk import Stream
from singer_sdk.helpers.conform import TypeConformanceLevel

from tap_sevdesk.extractions import Extraction, note_row_due
from tap_sevdesk.form import fingerprint

if TYPE_CHECKING:
    from tap_sevdesk.tap import TapSevDesk


class ExtractionsStream(Stream):
    """The audit trail as a stream: what the others noted in this run."""

    name = "extractions"
    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE
    _tap: "TapSevDesk"

    def get_records(self, context: Mapping[str, Any] | None) -> Iterable[dict[str, Any]]:  # noqa: ARG002
        """Yield a record for each stream of this run that is not silent; with them, none is due any more.

        The STATE that follows the records says so, and that of which streams the record holds a doubt.
        """
        for extraction in self._wanted():
            yield extraction.record()
        for extraction in self._wanted():
            state = self._tap.streams[extraction.stream].stream_state
            note_row_due(state, extraction)
            if extraction.complete:
                state["row_due"] = False  # absent would not end it where states are merged

    def _wanted(self) -> list[Extraction]:
        return [extraction for extraction in self._tap.extractions if not extraction.silent]

    def _write_schema_message(self) -> None:
        """Write SCHEMA only if a record follows, or if it has changed."""
        schema = fingerprint(self.name, self.stream_maps, self._tap.config)
        if self.stream_state.get("schema") != schema or self._wanted():
            self.stream_state["schema"] = schema
            super()._write_schema_message()
