"""Read a list by offset while it changes, without losing a row that is there from beginning to end.

Knows nothing of Singer or HTTP: it is given "the rows at offset n, at most m of them" and hands back new
rows. The server's order is unknown (BEHAVIOR.md 5), so nothing is taken for granted but that two rows which
nobody touches keep their order:

* Each page begins a few rows early and must show a row, unchanged, that this pass has already read. Then no
  row lies between the two pages. If it does not, rows before it were deleted: step back, further each time.
* A full page without a new row means that rows were inserted before it: go on. The end is a page that is
  not full and shows nothing new, or with which as many rows have come as the server counts.
* In a list that shows the last changed row first, a row that is changed before it is read jumps to the front.
  So when all pages are read, the front is read again, until one page shows all that is new there.
* The server's count is compared in the end. A list that seems cut, or lacks rows that were seen, is read once
  more.
* Rows that come in another order than before disprove the one assumption: nothing is claimed complete then.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from tap_sevdesk.seen import Key, Known, Seen, short

Row = TypeVar("Row")

OVERLAP = 5
"""Rows by which a page reaches back: as many deletions between two pages cost nothing extra."""
MAX_LIMIT = 1000
"""The most rows sevDesk sends at once (BEHAVIOR.md 3)."""
PATIENCE = 20
"""Pages in a row without a new row after which it gives up: a server that ignores `offset` never ends."""
SURE = 3
"""How often a server whose pages vary in size is asked once more for what follows the last row."""
ROUNDS = 3
"""How often the front is read again before it counts as too restless."""
MOST = 10_000_000
"""Rows after which a list counts as one without end; no account has that many."""
_UNDER_WAY = 60
"""Seconds by which a row may be newer than the moment of asking: it was changed while the server worked."""


@dataclass(frozen=True)
class Page(Generic[Row]):
    """The answer to one request: rows in the server's order and, if asked for, its count of all rows.

    `as_of` is the server's time when it was asked, in the seconds that versions are given in.
    """

    rows: Sequence[Row]
    total: int | None = None
    as_of: int | None = None


@dataclass(frozen=True)
class Request:
    """Rows wanted: at most `limit` from `offset` on, with the server's count of all rows if `count`."""

    offset: int
    limit: int
    count: bool


Wait = Callable[[], Page[Row]]
"""Waits for the page that was asked for, and returns it."""
_Mark = tuple[Key, int | None, Known | None]


def _after(offset: int, rows: int) -> int:
    """Return where the page begins that follows so many rows: a few rows back."""
    return offset + rows - min(OVERLAP, rows // 2)


@dataclass
class Paging(Generic[Row]):
    """One read of one list. Iterate over `read()` to its end, then look at the other attributes.

    `ask` starts a request and returns what waits for its page; `identify` tells a row's id and version, the
    whole seconds in which it was changed last. With `read_ahead` above 1 that many requests are under way at
    once.
    """

    ask: Callable[[Request], "Wait[Row]"]
    identify: Callable[[Row], tuple[str, int | None]]
    page_size: int
    read_ahead: int = 1

    total_before: int | None = field(default=None, init=False)
    total_after: int | None = field(default=None, init=False)
    complete: bool = field(default=False, init=False)
    cut: bool = field(default=False, init=False)
    """Whether the server counted rows that it did not send."""
    doubts: list[str] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        self._limit = min(self.page_size + OVERLAP, MAX_LIMIT)
        self._seen = Seen()
        self._ahead: list[tuple[Request, Wait[Row], bool]] = []
        self._aside: list[Key] = []  # new rows of a page that could not be joined to what was read before it
        self._pass = 0
        self._place = 0
        self._began: int | None = None  # when the first page was asked for

    @property
    def distinct(self) -> int:
        """Number of different ids seen so far."""
        return len(self._seen)

    def read(self) -> Iterator[list[Row]]:
        """Yield the rows page by page: each row once, and again only if it came back changed."""
        pages = yield from self._scan()
        if pages > 1:
            yield from self._settle()
        if self._cut() or self._lost():
            yield from self._scan()
            yield from self._settle()
        if self._lost():
            self._doubt("rows that were seen did not come when they were asked for again")
        if self._cut():
            self.cut = True
            self._doubt(f"the server counts {self.total_after} rows and sent {self.distinct} different ones")
        self.complete = not self.doubts

    def _cut(self) -> bool:
        """Tell whether the server counts rows that it did not send.

        Rows inserted while the list is read need not have come, so it is the smaller of its counts that
        matters; rows deleted meanwhile may make even that one smaller than the number of rows that came.
        """
        if self.total_before is None or self.total_after is None:
            return False
        return self.distinct < min(self.total_before, self.total_after)

    def _lost(self) -> bool:
        """Tell whether rows that were put aside have not come since: deleted, or not sent where they are."""
        return any(self._seen.get(key) is None for key in self._aside)

    def _doubt(self, reason: str) -> None:
        if reason not in self.doubts:
            self.doubts.append(reason)

    def _settle(self) -> Generator[list[Row], None, None]:
        """Read the front again until one page alone reaches from the front to a row that is as it was."""
        for _ in range(ROUNDS):
            if (yield from self._scan(until_known=True)) == 1:
                return
        self._doubt("the list changed faster than it could be read")

    def _scan(self, *, until_known: bool = False) -> Generator[list[Row], None, int]:
        """Read from the front to the end, or to a row known from an earlier pass; return how many pages."""
        self._pass += 1
        self._ahead.clear()
        if not until_known:
            self._aside = []
        gap, end = _Gap(self._limit), _End()
        offset = pages = idle = late = restarts = 0
        while True:
            page, in_turn = self._fetch(offset, ahead=not until_known and not end.short)
            pages += 1
            marks = self._look(page.rows)
            view = self._compare(marks, page.as_of)
            idle = 0 if view.gained and (view.anchored or not offset) else idle + 1
            late = 0 if view.gained > view.late else late + 1
            if idle > PATIENCE or restarts > ROUNDS or late > PATIENCE + pages // 2 or offset > MOST:
                self._doubt(
                    "the list changed faster than it could be read" if restarts else "the list did not end"
                )
                return pages
            if offset and not view.anchored:
                self._aside = [key for key, _, known in marks if known is None]
                offset = gap.before(offset)
                continue
            if (
                pages > 1 and not view.anchored
            ):  # the front is full of news: what this pass knows lies behind it
                self._pass += 1
                restarts += 1
            if news := self._note(page, marks, view.frontier, in_turn=in_turn):
                yield news
            if until_known and view.known:
                return pages
            reached = offset + len(page.rows)
            if len(page.rows) != self._limit:  # the end, or a server that sends fewer rows, or all
                if not in_turn:
                    continue  # it may have been answered before an earlier page: ask for the end again, last
                counted = None if self.total_after is None else reached >= self.total_after
                if end.is_here(reached, gained=view.gained > 0, counted=counted and not self._cut()):
                    return pages
            offset = _after(offset, len(page.rows))
            if view.gained:
                gap = _Gap(self._limit)
            else:
                offset = gap.behind(max(offset, end.farthest - 1) if end.again else offset)

    def _fetch(self, offset: int, *, ahead: bool) -> tuple[Page[Row], bool]:
        """Return the page and whether it was asked for after all earlier pages had come."""
        if self._ahead and self._ahead[0][0].offset != offset:
            self._ahead.clear()
        if not self._ahead:
            self._ahead.append(self._start(offset, in_turn=True))
        while ahead and len(self._ahead) < self.read_ahead:
            following = _after(self._ahead[-1][0].offset, self._limit)
            if self.total_after is None or following + self._limit >= self.total_after:
                break  # what may be the last page has to wait for its turn
            self._ahead.append(self._start(following, in_turn=False))
        _, wait, in_turn = self._ahead.pop(0)
        page = wait()
        if page.total is not None:
            self.total_after = page.total
            if self.total_before is None:
                self.total_before = page.total
        return page, in_turn

    def _start(self, offset: int, *, in_turn: bool) -> tuple[Request, Wait[Row], bool]:
        last = self.total_after is not None and offset + self._limit >= self.total_after
        request = Request(offset, self._limit, count=offset == 0 or last)
        return request, self.ask(request), in_turn

    def _look(self, rows: Sequence[Row]) -> list[_Mark]:
        """Return what tells each row, its version, and what is known of it."""
        identified = [self.identify(row) for row in rows]
        keys, known = self._seen.look(identity for identity, _ in identified)
        versions = [None if version is None else short(version) for _, version in identified]
        return list(zip(keys, versions, known, strict=True))

    def _compare(self, marks: Sequence[_Mark], as_of: int | None) -> "_View":
        """Compare a page with what is known, and doubt the list if its order is not the one it had before.

        It does when unchanged rows have changed places, or when most of those between the first row that was
        read before and the last one are missing: that is no overlap but coincidence, or too much has changed.
        """
        if self._began is None:
            self._began = as_of
        view = _View()
        places: dict[int, list[int]] = {}
        for index, (_, version, known) in enumerate(marks):
            if known is None or known.seen_in != self._pass:
                view.gained += 1
                view.late += self._is_late(version, as_of)
            if known is None or known.version != version:
                continue
            if known.seen_in == self._pass:
                view.anchored, view.frontier = True, index + 1
            elif not known.fresh:
                view.known = True
            if known.place is not None:
                places.setdefault(known.seen_in, []).append(known.place)
        here = places.get(self._pass, [self._place])
        last = self._place if view.frontier < len(marks) else here[-1]
        if any(found != sorted(found) for found in places.values()) or last - here[0] >= 3 * len(here):
            self._doubt("rows came in another order than before")
        return view

    def _is_late(self, version: int | None, as_of: int | None) -> bool:
        """Tell whether a row was changed after the read began: the next run asks for it again."""
        if version is None or as_of is None or self._began is None:
            return False
        return self._began < version <= as_of + _UNDER_WAY

    def _note(self, page: Page[Row], marks: Sequence[_Mark], frontier: int, *, in_turn: bool) -> list[Row]:
        """Remember a page and return its rows that are new or changed.

        Places go to rows behind the frontier only: what is new before it was inserted there. A page that
        was not asked for in turn may be older than what is known, so only rows that are new count in it.
        """
        news = []
        here, as_of = self._pass, page.as_of
        twice = len({key for key, _, _ in marks}) < len(marks)  # a server that sends a row twice in one page
        newest = _newest(marks) if twice else {}
        for index, (key, sent, known) in enumerate(marks):
            if twice and newest[key] != index:
                continue
            version = known.version if known and _is_older(sent, known.version) else sent
            fresh = as_of is not None and version is not None and version >= as_of
            changed = known is not None and known.version != version and in_turn
            if known is None or changed:
                news.append(page.rows[index])
            place = None
            if known is None or known.seen_in != here:
                if index >= frontier:
                    self._place += 1
                    place = self._place
            elif not changed:
                continue
            if known is None:
                self._seen.add(key, version, here, place, fresh=fresh)
            else:
                self._seen.replace(key, version, here, place, fresh=fresh)
        return news


def _is_older(version: int | None, other: int | None) -> bool:
    """Tell whether a row is of an earlier generation than another one; it must not be emitted behind it."""
    return other is not None and (version is None or version < other)


def _newest(marks: Sequence[_Mark]) -> dict[Key, int]:
    """Return for each key where in a page its newest generation stands, the first of equal ones."""
    newest: dict[Key, int] = {}
    for index, (key, version, _) in enumerate(marks):
        if key not in newest or _is_older(marks[newest[key]][1], version):
            newest[key] = index
    return newest


@dataclass(slots=True)
class _View:
    """What a page shows: rows new to this pass, and unchanged rows of this pass and of earlier ones.

    `late` are those new to this pass that were changed after the read began.
    """

    gained: int = 0
    late: int = 0
    anchored: bool = False
    known: bool = False
    frontier: int = 0


@dataclass(slots=True)
class _End:
    """The search for the end of a list: a page that is not full is the end, or the server sends fewer rows.

    `short` is how many pages with new rows were not full, `farthest` where the new rows ended, and `again`
    how often it was asked in vain what follows them.
    """

    short: int = 0
    farthest: int = 0
    again: int = 0

    def is_here(self, reached: int, *, gained: bool, counted: bool | None) -> bool:
        """Tell whether a page that is not full is the end.

        `counted` tells whether as many rows have come as the server counts, `None` that it does not. Then a
        page that ends before rows that are known was not short for lack of rows.
        """
        if gained:
            self.short, self.farthest, self.again = self.short + 1, reached, 0
            return bool(counted)
        fewer = self.short > 1 or (counted is None and reached < self.farthest)
        if counted or not fewer:
            return True
        self.again += 1
        return self.again > SURE


@dataclass(slots=True)
class _Gap:
    """The search for the place to go on from, after rows before it were deleted or inserted.

    Back by growing steps, and when that was too far, forth by halves. Offsets are rows from the front.
    """

    page: int
    step: int = 0
    low: int | None = None
    high: int | None = None

    def before(self, offset: int) -> int:
        """Return where to look when a page at this offset showed no row that was read before."""
        self.high = offset
        if self.low is not None and self.low < offset:
            return (self.low + offset) // 2
        self.low = None
        self.step = 2 * self.step or self.page
        return max(0, offset - self.step)

    def behind(self, offset: int) -> int:
        """Return where to look when a page before this offset showed nothing but rows read before."""
        self.low = offset
        if self.high is None or self.high - offset <= self.page:
            return offset
        return (offset + self.high) // 2
