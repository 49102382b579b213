"""Read what one stream wants in one run: walk its list, keep what changed, remember what was seen."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tap_sevdesk.bookmark import parse_time
from tap_sevdesk.client import Client, Params
from tap_sevdesk.errors import StreamError
from tap_sevdesk.extractions import Extraction
from tap_sevdesk.streams import Source
from tap_sevdesk.walk import Page, Request, Walk

Row = dict[str, Any]


def _identify(row: Row) -> tuple[str, datetime | None]:
    return str(row["id"]), parse_time(row.get("update"))


def _in_thread(work: Callable[[Request], Page[Row]], request: Request) -> "Future[Page[Row]]":
    """Work in a thread that does not keep the process alive: a stopped run must not wait for an answer."""
    future: Future[Page[Row]] = Future()

    def run() -> None:
        try:
            future.set_result(work(request))
        except BaseException as error:  # handed on to whoever waits for the page
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future


def _at_once(work: Callable[[Request], Page[Row]], request: Request) -> "Future[Page[Row]]":
    future: Future[Page[Row]] = Future()
    future.set_result(work(request))
    return future


@dataclass
class Reading:
    """One stream's read. Consume what `changes` or `everything` yield, then look at the attributes.

    `since` is the lower bound of `update` (UTC), `None` for a full read.
    """

    client: Client
    extraction: Extraction
    page_size: int
    read_ahead: int = 1
    since: datetime | None = None

    largest_update: datetime | None = field(default=None, init=False)
    as_of: datetime | None = field(default=None, init=False)
    """The server's time when the first request was sent: up to then a complete read knows every change."""
    complete: bool = field(default=False, init=False)
    doubts: list[str] = field(default_factory=list, init=False)
    remarks: list[str] = field(default_factory=list, init=False)
    """What a person should know, other than doubts: it costs time, not records."""
    rows: int = field(default=0, init=False)
    """Rows read so far, for those who watch."""
    expected: int | None = field(default=None, init=False)
    """How many rows the server counted last in the list that is being read."""
    changed: dict[str, datetime | None] = field(default_factory=dict, init=False)
    """When each row of an incremental read was changed, by id: its positions may have changed too."""
    length: int | None = field(default=None, init=False)
    """How many positions the flat list had when it was last read."""

    def beside(self) -> "Reading":
        """Return another reading with the same bound; its requests count for this one, its rows do not."""
        account = Extraction(self.extraction.run_id, self.extraction.stream, tally=self.extraction.tally)
        return Reading(self.client, account, self.page_size, self.read_ahead, self.since)

    def changes(self, source: Source) -> Iterator[list[Row]]:
        """Yield the rows of a list that changed since the lower bound; one without `update` always counts."""
        params, asked, older = source.params, None, 0
        if self.since is not None and source.filtered:
            # Whole seconds, and one less: nobody says if the second itself is included (BEHAVIOR.md 10, 11).
            asked = self.since.replace(microsecond=0) - timedelta(seconds=1)
            params = (*params, ("updateAfter", str(int(asked.timestamp()))))
        for rows in self.everything(source.path, params):
            wanted = []
            for row in rows:
                moment = self.see(row)
                if self.since is None or moment is None or moment >= self.since:
                    wanted.append(row)
                    if self.since is not None:
                        self.changed[str(row["id"])] = moment
                elif asked is not None and moment < asked:
                    older += 1
            yield wanted
        if older:
            self.remarks.append(
                f"The server ignores updateAfter: it sent {older} older rows. Nothing is missed."
            )

    def everything(self, path: str, params: Params) -> Iterator[list[Row]]:
        """Yield all rows of a list and add its figures to the account; a doubt about it counts for all."""
        walk: Walk[Row] = Walk(
            submit=lambda request: start(lambda asked: self._page(path, params, asked), request),
            identify=_identify,
            page_size=self.page_size,
            read_ahead=self.read_ahead,
        )
        start = _in_thread if self.read_ahead > 1 else _at_once
        try:
            for rows in walk.read():
                self.rows += len(rows)
                yield rows
        finally:
            self.extraction.count(walk.distinct, walk.total_before, walk.total_after)
        self.doubts += walk.doubts
        self.complete = not self.doubts

    def see(self, row: Row) -> datetime | None:
        """Take note of when a row was changed, and return it (UTC)."""
        moment = parse_time(row.get("update"))
        if moment is not None and (self.largest_update is None or moment > self.largest_update):
            self.largest_update = moment
        return moment

    def _page(self, path: str, params: Params, request: Request) -> Page[Row]:
        asked = [*params, ("limit", str(request.limit)), ("offset", str(request.offset))]
        if request.count:
            asked.append(("countAll", "true"))
        answer = self.client.get(path, asked, self.extraction.tally)
        if not isinstance(answer.objects, list) or not all(
            isinstance(row, dict) and row.get("id") for row in answer.objects
        ):
            msg = f"{path}: the answer is not a list of objects with an id."
            raise StreamError(msg)
        if self.as_of is None:
            self.as_of = answer.as_of
        if answer.total is not None:
            self.expected = answer.total
        return Page(answer.objects, answer.total, answer.as_of.replace(microsecond=0))
