"""Read what one stream wants in one run: read its list, keep what changed, remember what was seen."""

import math
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from operator import attrgetter
from time import monotonic
from typing import Any

from tap_sevdesk.account import Account
from tap_sevdesk.answer import Answer
from tap_sevdesk.client import Client, Params
from tap_sevdesk.errors import StreamError
from tap_sevdesk.extractions import Extraction
from tap_sevdesk.paging import Page, Paging, Request, Wait
from tap_sevdesk.rows import ParseRows, Row, with_fields
from tap_sevdesk.streams import Source
from tap_sevdesk.unreadable import Unreadable, parse_each

AT_ONCE = 4
"""Pages requested at the same time when the server takes long to answer."""
_SHORT = 0.04
"""Seconds that are too short to do anything about."""


def _in_thread(work: Callable[[], Answer]) -> Callable[[], Answer]:
    """Work in a thread that does not keep the process alive: a stopped run must not wait for an answer."""
    future: Future[Answer] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # handed on to whoever waits for the answer
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future.result


@dataclass
class _Latency:
    """How long the last answer took, and what happened between it and the one before. Times in seconds.

    `pace` is the least time between two requests: what that takes cannot be saved. The first answer tells
    nothing: the server may have to sort the list for it.
    """

    pace: float
    waiting: float = 0.0
    working: float = 0.0
    _since: float = -math.inf

    def __enter__(self) -> None:
        now = monotonic()
        self.working, self._since = now - self._since, now

    def __exit__(self, *error: object) -> None:
        now = monotonic()
        self.waiting, self._since = now - self._since, now

    @property
    def dominates(self) -> bool:
        """Whether the tap mostly waits for the server, and not for its turn."""
        return self.waiting > max(_SHORT, 2 * self.working, 1.5 * self.pace)


@dataclass
class StreamReader:
    """One stream's read. Consume what `changes` or `everything` yield, then look at the attributes.

    `since` is the lower bound of `update` (UTC), `None` for a full read.
    """

    client: Client
    extraction: Extraction
    account: Account
    page_size: int
    read_ahead: int | None = 1
    """Pages requested at the same time; `None` leaves it to the reader: more when the server is slow."""
    since: datetime | None = None
    parse_rows: ParseRows | None = None
    """How pages are taken apart, if not into rows with dictionaries."""

    largest_update: int | None = field(default=None, init=False)
    """When the row that was changed last was changed, in seconds since 1970."""
    as_of: datetime | None = field(default=None, init=False)
    """The server's time when the first request was sent: up to then a complete read knows every change."""
    complete: bool = field(default=False, init=False)
    """Whether the list was read to its end and nothing is in doubt; single rows may have been unreadable."""
    cut: bool = field(default=False, init=False)
    """Whether the server counted rows that it did not send."""
    doubts: list[str] = field(default_factory=list, init=False)
    remarks: list[str] = field(default_factory=list, init=False)
    """What a person should know, other than doubts: it costs time, not records."""
    rows: int = field(default=0, init=False)
    """Rows read so far, for those who watch."""
    expected: int | None = field(default=None, init=False)
    """How many rows the server counted last in the list that is being read."""
    expected_at: int | None = field(default=None, init=False)
    """When it counted them, in seconds since 1970."""
    changed: dict[str, int | None] = field(default_factory=dict, init=False)
    """When each row of an incremental read was changed, by id: its positions may have changed too."""
    news: set[str] = field(default_factory=set, init=False)
    """Those of them that were emitted, as they differ from what was emitted last."""
    run_before: str | None = field(default=None, init=False)
    """The last run that read the stream completely."""
    followed: dict[str, Any] = field(default_factory=dict, init=False)
    """What the state of positions is to say of the documents that were followed, and of the flat list."""

    @property
    def since_seconds(self) -> int | None:
        """The lower bound in seconds since 1970."""
        return None if self.since is None else int(self.since.timestamp())

    def for_parents(self) -> "StreamReader":
        """Return a reader of the parents with the same bound; its requests count here, its rows do not."""
        mine = self.extraction
        audit = Extraction(mine.run_id, mine.stream, mine.started_at, tally=mine.tally)
        return StreamReader(self.client, audit, self.account, self.page_size, self.read_ahead, self.since)

    def changes(self, source: Source) -> Iterator[list[Row]]:
        """Yield the rows of a list that changed since the lower bound; one without `update` always counts."""
        params, asked, older, since = source.params, None, 0, self.since_seconds
        if since is not None and since > 0 and source.filtered:
            # One second less: nobody says if the second itself is included (BEHAVIOR.md 10, 11).
            asked = since - 1
            params = (*params, ("updateAfter", str(asked)))
        for rows in self.everything(source, params):
            self.see(row.update for row in rows)
            if since is None:
                yield rows
                continue
            wanted = []
            for row in rows:
                if row.update is None or row.update >= since:
                    wanted.append(row)
                    self.changed[row.id] = row.update
                elif asked is not None and row.update < asked:
                    older += 1
            yield wanted
        if older:
            self.remarks.append(
                f"The server ignores updateAfter: it sent {older} older rows. Nothing is missed."
            )

    def everything(self, source: Source, params: Params) -> Iterator[list[Row]]:
        """Yield all rows of a list and add its figures to the account; a doubt about it counts for all."""
        parse_rows = self._parser(source)
        answered = _Latency(1 / self.client.requests_per_second if self.client.requests_per_second else 0)

        def ask(request: Request) -> Wait[Row]:
            """Start a request; the answer is taken apart by whoever waits, so four wait as they were sent."""
            if self.read_ahead is None and answered.dominates:
                paging.read_ahead = AT_ONCE
            answer: Callable[[], Answer] = partial(self._answer, source.path, params, request, answered)
            if paging.read_ahead > 1:
                answer = _in_thread(answer)
            return lambda: self._page(source.path, request, answer(), parse_rows)

        paging: Paging[Row] = Paging(ask, attrgetter("id", "update"), self.page_size, self.read_ahead or 1)
        try:
            for rows in paging.read():
                self.rows += len(rows)
                good = [row for row in rows if not isinstance(row.content, Unreadable)]
                if len(good) < len(rows):
                    self._set_aside(rows)
                yield good
        finally:
            self.extraction.count(paging.distinct, paging.total_before, paging.total_after)
        self.doubts += paging.doubts
        self.cut = self.cut or paging.cut
        self.complete = not self.doubts

    def front(self, source: Source) -> Page[Row] | None:
        """Ask for the first page of a list; `None` if a row of it cannot be read."""
        request = Request(0, self.page_size, count=True)
        answer = self._answer(source.path, source.params, request, _Latency(0))
        page = self._page(source.path, request, answer, self._parser(source))
        return None if any(isinstance(row.content, Unreadable) for row in page.rows) else page

    def goes_on(self, page: Page[Row], since: datetime) -> None:
        """Take a list as complete of which `page` shows all that was added to it since then."""
        self.since = self.extraction.since = since
        self.rows += len(page.rows)
        self.extraction.count(len(page.rows), None, None)
        self.complete = True

    def _parser(self, source: Source) -> ParseRows:
        return self.parse_rows or (lambda sent: [with_fields(row, source.parent_field) for row in sent])

    def _set_aside(self, rows: Iterable[Row]) -> None:
        """Name rows that cannot be read; the positions of such a document are wanted all the same."""
        for row in rows:
            if isinstance(row.content, Unreadable):
                self.extraction.unreadable[row.id] = row.content
                if row.content.id is not None and self.since is not None:
                    self.changed[row.id] = None
                    self.news.add(row.id)

    def count(self, source: Source) -> tuple[int | None, int]:
        """Ask how many rows a list has; return that, if the server says it, and its time in seconds."""
        params = (*source.params, ("limit", "1"), ("countAll", "true"))
        answer = self.client.get(source.path, params, self.extraction.tally)
        if self.as_of is None:
            self.as_of = answer.as_of
        return answer.total, int(answer.as_of.timestamp())

    def see(self, updates: Iterable[int | None]) -> None:
        """Take note of when rows were changed."""
        known = (self.largest_update, *updates)
        self.largest_update = max((moment for moment in known if moment is not None), default=None)

    def _answer(self, path: str, params: Params, request: Request, answered: _Latency) -> Answer:
        asked = [*params, ("limit", str(request.limit)), ("offset", str(request.offset))]
        if request.count:
            asked.append(("countAll", "true"))
        with answered:
            return self.client.get(path, asked, self.extraction.tally)

    def _page(self, path: str, request: Request, answer: Answer, parse_rows: ParseRows) -> Page[Row]:
        if not isinstance(answer.objects, list):
            msg = f"{path}: the answer is not a list."
            raise StreamError(msg)
        rows = parse_each(answer.objects, parse_rows, request.offset, self.page_size)
        self.account.check(path, rows)
        if self.as_of is None:
            self.as_of = answer.as_of
        if answer.total is not None:
            self.expected, self.expected_at = answer.total, int(answer.as_of.timestamp())
        return Page(rows, answer.total, int(answer.as_of.timestamp()))
