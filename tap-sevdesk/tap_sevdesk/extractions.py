"""The audit trail: a row per stream and run, from which a warehouse proves completeness and finds deletes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from tap_sevdesk.bookmark import format_time
from tap_sevdesk.client import Tally
from tap_sevdesk.unreadable import Unreadable

Reason = Literal[
    "failed",
    "not offered",
    "interrupted",
    "count differs",
    "list unstable",
    "nothing came",
    "unreadable rows",
]
"""Why a read is not complete."""
MOST_UNREADABLE = 1000
"""Unreadable rows that are named at most; a list of nothing else must not fill a cell."""


@dataclass
class Extraction:
    """What one stream asked for and got in one run. Times are sevDesk's, UTC, whole seconds."""

    run_id: str
    stream: str
    started_at: datetime
    since: datetime | None = None
    account: str | None = None
    finished_at: datetime | None = None
    tally: Tally = field(default_factory=Tally)
    records: int = 0
    distinct_records: int = 0
    total_before: int | None = None
    total_after: int | None = None
    reason: Reason | None = "interrupted"
    unreadable: dict[str, Unreadable] = field(default_factory=dict)
    unknown_fields: list[str] = field(default_factory=list)
    quiet: bool = False
    """Whether the stream was compared with what was emitted last and nothing was news."""
    due: bool = False
    """Whether the warehouse waits for a row that calls the stream complete."""

    def count(self, distinct: int, before: int | None, after: int | None) -> None:
        """Add the figures of one list that was read: different ids in it, and the server's two counts."""
        self.distinct_records += distinct
        if before is not None:
            self.total_before = (self.total_before or 0) + before
        if after is not None:
            self.total_after = (self.total_after or 0) + after

    def finish(self, now: datetime, unknown_fields: Iterable[str], reason: Reason | None) -> None:
        """Close the account of the stream, with the reason why it is not complete if it is not."""
        self.finished_at = now
        self.unknown_fields = sorted(unknown_fields)
        self.reason = reason or ("unreadable rows" if self.unreadable else None)

    @property
    def complete(self) -> bool:
        """Whether every row that was to be read was read."""
        return self.reason is None

    @property
    def silent(self) -> bool:
        """Whether there is nothing to tell: read completely, without news, not in full, and no row is due."""
        return self.quiet and self.complete and not self.due

    def record(self) -> dict[str, Any]:
        """Return the row of the stream `extractions`."""
        return {
            "id": f"{self.run_id}:{self.stream}",
            "run_id": self.run_id,
            "stream": self.stream,
            "account": self.account,
            "mode": "full" if self.since is None else "incremental",
            "since": None if self.since is None else format_time(self.since),
            "started_at": format_time(self.started_at),
            "finished_at": None if self.finished_at is None else format_time(self.finished_at),
            "requests": self.tally.requests,
            "retries": self.tally.retries,
            "records": self.records,
            "distinct_records": self.distinct_records,
            "total_before": self.total_before,
            "total_after": self.total_after,
            "complete": self.complete,
            "incomplete_because": self.reason,
            "unreadable_rows": [row.record() for row in list(self.unreadable.values())[:MOST_UNREADABLE]]
            or None,
            "unknown_fields": self.unknown_fields,
        }


def note_row_due(state: dict[str, Any], extraction: Extraction) -> None:
    """Note in a stream's part of the state that a row which says that it is complete is due.

    Only such a row that has been written ends it: not one with a doubt, nor a run that died before its rows.
    """
    if not extraction.silent:
        state["row_due"] = True
