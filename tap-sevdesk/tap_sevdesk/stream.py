"""One of sevDesk's lists as a stream of the Singer SDK.

The SDK gives the catalog, the messages, stream maps, flattening and BATCH files; reading, bookmarks and
errors are this package's own. Overridden against the SDK's advice is `_sync_records` (singer-sdk 0.54.9):
the SDK would compare times as text, write bookmarks of half-read streams and drop unknown fields silently
(BEHAVIOR.md 43 to 55).
"""

import logging
import math
import time
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from singer_sdk import Stream
from singer_sdk.exceptions import AbortedSyncFailedException
from singer_sdk.helpers._batch import BatchConfig
from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.metrics import Counter, http_request_counter
from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE, MetadataMapping
from singer_sdk.singerlib.messages import RecordMessage

from tap_sevdesk.bookmark import format_time, lower_bound, next_bookmark, parse_time
from tap_sevdesk.errors import InputError, RefusedError, RunError, StreamError
from tap_sevdesk.extractions import Reason, note_row_due
from tap_sevdesk.form import fingerprint
from tap_sevdesk.messages import RecordEncoder, as_json, records_of
from tap_sevdesk.news import NewsFilter, forget
from tap_sevdesk.positions import read_positions
from tap_sevdesk.reader import StreamReader
from tap_sevdesk.record_type import decode
from tap_sevdesk.records import Conformer
from tap_sevdesk.remarks import remarks
from tap_sevdesk.rows import Row
from tap_sevdesk.stream_maps import is_unmapped, map_record
from tap_sevdesk.streams import Source
from tap_sevdesk.typed import typed_schema

if TYPE_CHECKING:
    from tap_sevdesk.tap import TapSevDesk

PROGRESS_EVERY = 10.0
"""Seconds between two lines about a long read."""
_NOT_OFFERED = (HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)


class SevDeskStream(Stream):
    """A stream, given by its row in the table of streams."""

    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE  # `Conformer` does it, and keeps account
    _tap: "TapSevDesk"

    def __init__(self, tap: "TapSevDesk", source: Source) -> None:
        self.source = source
        schema = typed_schema(source.name, source.schema) if tap.config.get("typed") else source.schema
        super().__init__(tap, schema=schema, name=source.name)
        self.primary_keys = ("id",)
        self.replication_key = source.replication_key
        self.reader: StreamReader | None = None
        self._announced = self._schema_written = self._forgotten = False
        self.error: StreamError | RunError | None = None

    @property
    def metadata(self) -> MetadataMapping:
        """What the catalog says of each property; personal data is not selected by default."""
        metadata = super().metadata
        for name in self.source.not_by_default:
            metadata[("properties", name)].selected_by_default = False
        return metadata

    def get_batch_config(self, config: Mapping[str, Any]) -> BatchConfig | None:
        """Return the BATCH settings; one file cannot hold the records of two stream maps."""
        batch = super().get_batch_config(config)
        if batch and len(self.stream_maps) > 1:
            msg = f"{self.name}: batch_config cannot be combined with a stream map that copies the stream."
            raise InputError(msg)
        return batch

    def log(self, message: str, *args: object, level: int = logging.INFO, **options: Any) -> None:  # noqa: ANN401
        """Log a line, but not the SDK's own about an error: the tap says which one it was."""
        if not message.startswith("An unhandled error occurred"):
            super().log(message, *args, level=level, **options)

    def get_replication_key_signpost(self, context: Mapping[str, Any] | None = None) -> None:
        """Have the SDK set no limit to the bookmark: it knows the local clock only (BEHAVIOR.md 44)."""

    def get_records(self, context: Mapping[str, Any] | None) -> Iterable[dict[str, Any]]:  # noqa: ARG002
        """Yield the records of this run, conformed, without writing anything."""
        self.reader = self._begin()
        conform = self._conformer()
        for rows in self._pages(self.reader):
            for row in rows:
                yield conform(row.content)

    def _conformer(self) -> Conformer:
        mask = self.mask
        return Conformer(self.effective_schema, lambda breadcrumb: mask[breadcrumb])

    def _begin(self) -> StreamReader:
        """Open the account of this run and find out from when on changes are wanted."""
        since = None
        if self.replication_key and self.replication_method != REPLICATION_FULL_TABLE:
            bookmark = parse_time(self.stream_state.get("replication_key_value"))
            start_date = self._tap.settings.start_date
            since = lower_bound(bookmark, start_date, timedelta(seconds=self._tap.settings.lookback_seconds))
            if bookmark and start_date and start_date > bookmark:
                self.log("start_date is later than the bookmark and does not count: nothing is left out.")
        reader = self._tap.open_reader(self.name, since)
        reader.run_before = self.stream_state.get("run")
        audited = self._tap.streams["extractions"].selected
        reader.extraction.due = audited and bool(self.stream_state.get("row_due"))
        return reader

    def _pages(self, reader: StreamReader) -> Iterator[list[Row]]:
        if self.source.parent is None:
            return reader.changes(self.source)
        parent = self._tap.streams[self.source.parent]
        assert isinstance(parent, SevDeskStream)  # noqa: S101  # the table of streams says so
        documents = parent.reader if parent.reader and parent.reader.complete else None
        return read_positions(reader, self.source, parent.source, documents, self.stream_state)

    def _sync_records(
        self,
        context: Mapping[str, Any] | None = None,  # noqa: ARG002
        *,
        write_messages: bool = True,
    ) -> Generator[dict[str, Any], None, None]:
        """Read the stream and write what is news, page by page; instead of the SDK's loop over records.

        An error of this stream is kept for the end of the run, so that the others are read. The bookmark
        moves when the stream is complete, in memory; the SDK writes STATE after this method has ended.
        """
        self.reader = reader = self._begin()
        conform = self._conformer()
        new_form = self.stream_state.get("schema") != self._fingerprint()
        if new_form:  # what was emitted last had another one
            self._forgotten = forget(self.stream_state)
            if self.source.parent:
                self.stream_state["followed"] = None  # positions are asked for again, too
        news = self._news = NewsFilter.begin(
            self.stream_state, reader.since, self.source, window=self._window(reader)
        )
        encoder: RecordEncoder | None = None
        if write_messages and is_unmapped(self):
            encoder = RecordEncoder(self.name, self.source.parent_field, conform)
            reader.parse_rows = encoder.parse_rows
        if new_form or not news.compares:
            self._write_schema()
        began = logged = time.monotonic()
        reason: Reason | None = "interrupted"
        try:
            with self.get_record_counter() as counter, self.get_sync_timer():
                for rows, records, lines in self._read(reader, encoder or conform):
                    assert reader.as_of is not None  # noqa: S101  # an answer brought the rows
                    found = news.take(rows, lines, reader.as_of.timestamp())
                    if reader.since is not None:
                        reader.news.update(rows[index].id for index in found)
                    wanted: Sequence[Any] = (
                        records if len(found) == len(rows) else [records[index] for index in found]
                    )
                    yield from self._emit(wanted, encoder, counter, write_messages=write_messages)
                    if time.monotonic() - logged > PROGRESS_EVERY:
                        logged = time.monotonic()
                        self._log_progress(reader, logged - began)
                # A row that is due will say that everything was read: a warehouse takes what did not come
                # since for deleted (README, "Deletes").
                proves = reader.extraction.due and reader.complete and not reader.extraction.unreadable
                for held in news.held_back(all_the_same=proves):
                    wanted = held if encoder else list[Any](map(decode, held))
                    yield from self._emit(wanted, encoder, counter, write_messages=write_messages)
            reason = _doubt(reader)
        except (StreamError, RunError) as error:
            reason = self._fail(error, reader)
        except Exception:
            reason = "failed"
            raise
        finally:
            news.close()
            reader.extraction.quiet = news.compares and not self._announced
            reader.complete = reader.complete and reason is None
            reader.extraction.account = self._tap.account.known
            reader.extraction.finish(self._tap.client.clock.now(), conform.unknown, reason)
            note_row_due(self.stream_state, reader.extraction)
        self._tap.flush()
        self._move_bookmark(reader)
        self._log_result(reader, conform, time.monotonic() - began)

    def _read(
        self, reader: StreamReader, make: RecordEncoder | Conformer
    ) -> Iterator[tuple[list[Row], list[Any], list[bytes]]]:
        """Yield the rows of this run page by page, with their records and these as JSON."""
        if self._only_grew(reader, make):
            return
        for rows in self._pages(reader):
            records = records_of(rows, make)
            yield rows, records, as_json(records, make)

    def _only_grew(self, reader: StreamReader, make: RecordEncoder | Conformer) -> bool:
        """Tell whether the first page of a long history showed all that is new in it (BEHAVIOR.md 64)."""
        checked_until = parse_time(self.stream_state.get("checked_until"))
        long = self._news.history_before > reader.page_size
        if checked_until is None or not long or reader.extraction.due:
            return False
        page = reader.front(self.source)
        if page is None or not self._news.grow(as_json(records_of(page.rows, make), make), page.total):
            return False
        reader.goes_on(page, checked_until)
        return True

    def _fail(self, error: StreamError | RunError, reader: StreamReader) -> Reason:
        """Keep an error for the end of the run if it matters there, and say it; return what it is called.

        An account need not have every list: one that is refused before its first row came is not offered,
        unless an earlier run has read it.
        """
        required = self._tap.settings.required_streams
        missing = (
            isinstance(error, RefusedError)
            and error.status in _NOT_OFFERED
            and reader.as_of is None
            and "checked_until" not in self.stream_state
        )
        if isinstance(error, RunError) or self.name in (
            required or () if missing else required or (self.name,)
        ):
            self.error = error
            self.logger.error("%s", error)
        elif missing:
            self.logger.warning("%s This account does not offer the list; the others are read.", error)
        else:
            self.logger.warning(
                "%s The stream is not in required_streams: the run goes on without it.", error
            )
        self.logger.debug("Where it came from", exc_info=True)
        return "not offered" if missing else "failed"

    def _window(self, reader: StreamReader) -> float:
        """Return how many seconds before the newest change records are worth remembering.

        Of positions, any: they are read again when their document changes, however old they are.
        """
        if reader.since is not None and self.source.parent:
            return math.inf
        return self._tap.settings.lookback_seconds

    def _write_schema_message(self) -> None:
        """Write no SCHEMA yet: a run without news must not make a target open its connection."""
        self._announced = self._schema_written = False

    def _fingerprint(self) -> str:
        return fingerprint(self.name, self.stream_maps, self._tap.config)

    def _write_schema(self) -> None:
        if not self._schema_written:
            self._schema_written = True
            super()._write_schema_message()

    def _announce(self) -> None:
        """Before the first record, write SCHEMA, and a STATE without what was emitted last.

        If the run dies behind a record, that state makes the next run emit it again.
        """
        if self._announced:
            return
        self._announced = True
        if forget(self.stream_state) or self._forgotten:
            self._tap.state_writer.write_state(self.tap_state)
        self._write_schema()

    def _emit(
        self, records: Sequence[Any], encoder: RecordEncoder | None, counter: Counter, *, write_messages: bool
    ) -> Iterator[dict[str, Any]]:
        """Write records, or have the SDK do it; yield those that went its way."""
        if not records:
            return
        assert self.reader  # noqa: S101  # they are its records
        self._announce()
        now = self._tap.client.clock.now()
        if encoder:
            for messages in encoder.messages(records, now):
                self._tap.write_lines(messages)
            self.reader.extraction.records += len(records)
            counter.increment(len(records))
        else:
            for record in records:
                yield from self._by_the_sdk(record, now, counter, write_messages=write_messages)
        self._tap.flush()

    def _by_the_sdk(
        self, record: dict[str, Any], now: datetime, counter: Counter, *, write_messages: bool
    ) -> Iterator[dict[str, Any]]:
        """Pass a record through the stream maps and write what they make of it; yield that of the first."""
        assert self.reader  # noqa: S101  # it is one of its records
        extraction = self.reader.extraction
        if self.ABORT_AT_RECORD_COUNT is not None and extraction.records >= self.ABORT_AT_RECORD_COUNT:
            self._stop_trial(self.ABORT_AT_RECORD_COUNT)
        for index, stream_map in enumerate(self.stream_maps):
            mapped = map_record(self.name, stream_map, record)
            if mapped is None:
                continue
            if write_messages:
                self._tap.write_message(RecordMessage(stream_map.stream_alias, mapped, time_extracted=now))
            if index == 0:
                extraction.records += 1
                counter.increment()
                yield mapped

    def _stop_trial(self, limit: int) -> None:
        """End a read that the SDK wants only the first records of, as its tests do."""
        self._tap.flush()
        msg = f"Stopped after {limit} records, as asked."
        raise AbortedSyncFailedException(msg)

    def _move_bookmark(self, reader: StreamReader) -> None:
        """Note in the state up to when the stream is known, and what of it was emitted last."""
        state = self.stream_state
        state["schema"] = self._fingerprint()
        if self.replication_key and self.replication_method == REPLICATION_FULL_TABLE:
            forget(state)  # what is emitted is not compared with it
            state["run"] = None
            return
        lower_bound = -math.inf
        if self.replication_key and reader.as_of is not None:
            before = parse_time(state.get("replication_key_value"))
            largest = reader.largest_update
            reached = None if largest is None else datetime.fromtimestamp(largest, timezone.utc)
            after = next_bookmark(before, reached, reader.as_of, complete=reader.complete)
            if after is not None:
                state["replication_key"], state["replication_key_value"] = "update", format_time(after)
                if not self.source.parent:
                    lower_bound = after.timestamp() - self._tap.settings.lookback_seconds
        self._news.remember(
            state,
            lower_bound,
            complete=reader.complete,
            keep_known=bool(self.source.parent and reader.since),
        )
        if reader.complete and reader.as_of is not None:
            state["checked_until"] = format_time(reader.as_of)
            state["run"] = reader.extraction.run_id
        if self.source.parent and reader.complete:
            state |= reader.followed

    def _log_progress(self, reader: StreamReader, seconds: float) -> None:
        of = "" if reader.expected is None else f" of {reader.expected}"
        audit = reader.extraction
        self.log(
            "%d%s rows read so far, %d requests, %.0f s",
            reader.rows,
            of,
            audit.tally.requests,
            seconds,
        )

    def _log_result(self, reader: StreamReader, conform: Conformer, seconds: float) -> None:
        """Write one line that closes the stream, and one for each thing a person should know about it."""
        audit = reader.extraction
        kind = "everything" if reader.since is None else f"changes since {format_time(reader.since)}"
        self.log("%d records, %d requests, %.1f s, %s", audit.records, audit.tally.requests, seconds, kind)
        with http_request_counter(self.name, self.source.path, complete=reader.complete) as requests:
            requests.increment(audit.tally.requests)
        for remark in remarks(reader, conform.unknown):
            self.logger.warning("%s", remark)


def _doubt(reader: StreamReader) -> Reason | None:
    """Return why a list that was read to its end may lack rows."""
    if not reader.doubts:
        return None
    return "count differs" if reader.cut else "list unstable"
