"""The audit trail: a row per stream and run, from which a warehouse proves completeness and finds deletes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from tap_sevdesk.bookmark import format_time
from tap_sevdesk.client import Tally


@dataclass
class Extraction:
    """What one stream asked for and got in one run. Times are UTC."""

    run_id: str
    stream: str
    since: datetime | None = None
    started_at: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    finished_at: datetime | None = None
    tally: Tally = field(default_factory=Tally)
    records: int = 0
    distinct_records: int = 0
    total_before: int | None = None
    total_after: int | None = None
    complete: bool = False
    unknown_fields: list[str] = field(default_factory=list)

    def count(self, distinct: int, before: int | None, after: int | None) -> None:
        """Add the figures of one list that was read: different ids in it, and the server's two counts."""
        self.distinct_records += distinct
        if before is not None:
            self.total_before = (self.total_before or 0) + before
        if after is not None:
            self.total_after = (self.total_after or 0) + after

    def finish(self, unknown_fields: Iterable[str], *, complete: bool) -> None:
        """Close the account of the stream."""
        self.finished_at = datetime.now(timezone.utc)
        self.unknown_fields = sorted(unknown_fields)
        self.complete = complete

    @property
    def seconds(self) -> float:
        """How long the stream took."""
        return ((self.finished_at or datetime.now(timezone.utc)) - self.started_at).total_seconds()

    def record(self) -> dict[str, Any]:
        """Return the row of the stream `extractions`."""
        return {
            "id": f"{self.run_id}:{self.stream}",
            "run_id": self.run_id,
            "stream": self.stream,
            "mode": "full" if self.since is None else "incremental",
            "since": None if self.since is None else format_time(self.since),
            "started_at": format_time(self.started_at),  # whole seconds: not later than any of the records
            "finished_at": None if self.finished_at is None else format_time(self.finished_at),
            "requests": self.tally.requests,
            "retries": self.tally.retries,
            "records": self.records,
            "distinct_records": self.distinct_records,
            "total_before": self.total_before,
            "total_after": self.total_after,
            "complete": self.complete,
            "unknown_fields": self.unknown_fields,
        }
