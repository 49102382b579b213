"""The walker against small worlds that change between, and while, its requests."""

import math
import random
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tap_running import SAME_EACH_TIME

from tap_sevdesk.walk import OVERLAP, PATIENCE, Page, Request, Walk


@dataclass(frozen=True)
class Row:
    """A row and the seconds in which it was made and changed."""

    id: int
    create: int
    update: int


ORDERS: dict[str, Callable[[Row], tuple[int, ...]]] = {
    "newest first": lambda row: (-row.create, -row.id),
    "by id": lambda row: (row.id,),
    "last changed first": lambda row: (-row.update, -row.id),
    "last changed last": lambda row: (row.update, row.id),
}


@dataclass
class World:
    """A list on a server: changes `churn` times before each request, several of them in one second."""

    size: int
    order: str
    rng: random.Random
    churn: float = 0.0
    second: int = 1000
    requests: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rows = {i: Row(i, i // 3, i // 2) for i in range(self.size)}
        self.next_id = self.size
        self.lived_through: set[int] | None = None
        self.longest = self.size
        self.under_way: list[tuple[Request, Future[Page[Row]]]] = []

    def change(self) -> None:
        """Insert, change or delete a row."""
        what = self.rng.choice(("insert", "update", "update", "delete"))
        self.second += self.rng.random() < 0.5
        if what == "insert" or not self.rows:
            self.rows[self.next_id] = Row(self.next_id, self.second, self.second)
            self.next_id += 1
        else:
            chosen = self.rows[self.rng.choice(list(self.rows))]
            if what == "delete":
                del self.rows[chosen.id]
            else:
                self.rows[chosen.id] = Row(chosen.id, chosen.create, self.second)
        self.longest = max(self.longest, len(self.rows))

    def answer(self, request: Request) -> Page[Row]:
        """Answer as sevDesk would at this moment."""
        self.requests.append(request)
        if self.lived_through is None:
            self.lived_through = set(self.rows)
        whole = list(self.rows.values())
        if self.order == "shuffled":
            self.rng.shuffle(whole)
        else:
            whole.sort(key=ORDERS[self.order])
        rows = whole[request.offset : request.offset + request.limit]
        page = Page(rows, len(whole) if request.count else None, self.second)
        for _ in range(int(self.churn) + (self.rng.random() < self.churn % 1)):
            self.change()
        self.lived_through &= set(self.rows)
        return page

    def submit(self, request: Request) -> "Future[Page[Row]]":
        """Take a request; it is answered when somebody waits, those under way in any order."""
        world = self

        class Later(Future[Page[Row]]):
            def result(self, timeout: float | None = None) -> Page[Row]:
                while not self.done():
                    asked, future = world.under_way.pop(world.rng.randrange(len(world.under_way)))
                    future.set_result(world.answer(asked))
                return super().result(timeout)

        later = Later()
        self.under_way.append((request, later))
        return later


def walk(world: World, page_size: int, read_ahead: int = 1) -> tuple[Walk[Row], list[Row]]:
    walked = Walk(world.submit, lambda row: (str(row.id), row.update), page_size, read_ahead)
    return walked, [row for rows in walked.read() for row in rows]


def lost(world: World, rows: list[Row]) -> set[int]:
    """Rows that were there from the first request to the last and did not come."""
    assert world.lived_through is not None
    return world.lived_through - {row.id for row in rows}


worlds = st.builds(
    World,
    size=st.integers(0, 60),
    order=st.sampled_from(sorted(ORDERS)),
    rng=st.integers(0, 2**32).map(random.Random),
    churn=st.sampled_from((0, 0.2, 1, 3, 8)),
)
ahead = st.sampled_from((1, 1, 2, 4))


@given(worlds, st.integers(1, 30), ahead)
@settings(SAME_EACH_TIME, max_examples=1000)
def test_no_row_that_lives_through_the_scan_is_lost_and_none_comes_twice_unchanged(
    world: World, page_size: int, read_ahead: int
) -> None:
    walked, rows = walk(world, page_size, read_ahead)
    assert not lost(world, rows) or not walked.complete
    if world.churn <= page_size / 4:  # the list does not outrun its reader
        assert walked.complete, walked.doubts
    versions = [(row.id, row.update) for row in rows]
    assert len(versions) == len(set(versions))


@given(
    st.integers(0, 400), st.sampled_from(sorted(ORDERS)), st.integers(0, 2**32), st.integers(1, 100), ahead
)
@settings(SAME_EACH_TIME, max_examples=300)
def test_few_more_requests_than_the_least_possible(
    size: int, order: str, seed: int, page_size: int, read_ahead: int
) -> None:
    world = World(size, order, random.Random(seed), churn=min(1, page_size / 20))
    walked, _ = walk(world, page_size, read_ahead)
    assert walked.complete
    assert len(world.requests) <= 1.1 * math.ceil(world.longest / page_size) + 3 + read_ahead


@given(st.integers(0, 60), st.integers(0, 2**32), st.sampled_from((0, 0.2, 1, 3)), st.integers(1, 30), ahead)
@settings(SAME_EACH_TIME, max_examples=500)
def test_a_list_in_a_new_order_each_time_is_never_lost_in_silence(
    size: int, seed: int, churn: float, page_size: int, read_ahead: int
) -> None:
    world = World(size, "shuffled", random.Random(seed), churn)
    walked, rows = walk(world, page_size, read_ahead)
    assert not lost(world, rows) or not walked.complete


@pytest.mark.parametrize("order", sorted(ORDERS))
@pytest.mark.parametrize("size", [0, 1, 9, 10])
def test_a_list_that_fits_into_one_page_takes_one_request(order: str, size: int) -> None:
    world = World(size, order, random.Random(1))
    walked, rows = walk(world, page_size=10)
    assert (len(world.requests), len(rows), walked.complete) == (1, size, True)
    assert (walked.total_before, walked.total_after) == (size, size)


def test_the_counts_before_and_after_are_the_servers() -> None:
    world = World(50, "by id", random.Random(1))

    def submit(request: Request) -> "Future[Page[Row]]":
        if len(world.requests) == 2:
            del world.rows[3]
        return world.submit(request)

    walked = Walk(submit, lambda row: (str(row.id), row.update), 10)
    assert sum(len(rows) for rows in walked.read()) == 50
    assert (walked.total_before, walked.total_after, walked.distinct, walked.complete) == (50, 49, 50, True)


def test_more_deletions_than_the_overlap_make_it_step_back() -> None:
    world = World(100, "by id", random.Random(1))

    def submit(request: Request) -> "Future[Page[Row]]":
        if len(world.requests) == 2:
            for i in range(15):
                del world.rows[i]
        return world.submit(request)

    walked = Walk(submit, lambda row: (str(row.id), row.update), 20)
    seen = {row.id for rows in walked.read() for row in rows}
    assert seen == set(range(100))
    assert walked.complete


def test_deletions_that_leave_the_next_page_empty_do_not_end_it() -> None:
    world = World(30, "by id", random.Random(1))

    def submit(request: Request) -> "Future[Page[Row]]":
        if len(world.requests) == 1:
            for i in range(20):
                del world.rows[i]
        return world.submit(request)

    walked = Walk(submit, lambda row: (str(row.id), row.update), 20)
    seen = {row.id for rows in walked.read() for row in rows}
    assert set(range(20, 30)) <= seen
    assert walked.complete


def test_rows_inserted_in_front_by_the_page_do_not_end_it() -> None:
    world = World(60, "newest first", random.Random(1))

    def submit(request: Request) -> "Future[Page[Row]]":
        if len(world.requests) == 2:
            for i in range(60, 90):
                world.rows[i] = Row(i, 1000, 1000)
            world.second = 1001
        return world.submit(request)

    walked = Walk(submit, lambda row: (str(row.id), row.update), 10)
    assert {row.id for rows in walked.read() for row in rows} == set(range(90))
    assert walked.complete


def test_an_unread_row_that_is_changed_and_jumps_to_the_front_is_read_there() -> None:
    world = World(60, "last changed first", random.Random(1))

    def submit(request: Request) -> "Future[Page[Row]]":
        if len(world.requests) == 2:
            world.rows[0] = Row(0, 0, 5000)
        return world.submit(request)

    walked = Walk(submit, lambda row: (str(row.id), row.update), 10)
    assert {row.id for rows in walked.read() for row in rows} == set(range(60))
    assert walked.complete


def test_a_row_changed_in_the_second_of_the_newest_one_may_stand_behind_it() -> None:
    """Else the front would be taken as read although a row has just been sorted in below its first rows."""
    world = World(40, "last changed first", random.Random(1))

    def submit(request: Request) -> "Future[Page[Row]]":
        if len(world.requests) == 1:  # an unread row and some others come to the front ...
            for i in (3, *range(30, 40)):
                world.rows[i] = Row(i, 0, 1001)
            world.second = 1001
        if len(world.requests) == 5:  # ... which takes two requests to read; between them the first one moves
            world.rows[3] = Row(3, 0, 1002)
            world.second = 1003
        return world.submit(request)

    walked = Walk(submit, lambda row: (str(row.id), row.update), 5)
    assert {row.id for rows in walked.read() for row in rows} == set(range(40))
    assert walked.complete


def test_the_last_page_is_asked_for_when_all_others_have_come() -> None:
    """Else a row could go from a page that is still under way to the end that was read already."""
    for seed in range(50):
        world = World(60, "last changed last", random.Random(seed), churn=0.5)
        walked, rows = walk(world, page_size=10, read_ahead=4)
        assert walked.complete
        assert not lost(world, rows)


# Servers that do not do what they are asked. Whatever they do, the walk ends, and does not claim too much.


def at_once(answer: Callable[[Request], Page[int]]) -> tuple[Walk[int], list[Request], list[int]]:
    requests: list[Request] = []

    def submit(request: Request) -> "Future[Page[int]]":
        requests.append(request)
        assert len(requests) < 200, "endless"
        future: Future[Page[int]] = Future()
        future.set_result(answer(request))
        return future

    walked = Walk(submit, lambda row: (str(row), None), 10)
    return walked, requests, [row for rows in walked.read() for row in rows]


def test_a_server_that_ignores_offset_ends_and_is_not_complete() -> None:
    walked, requests, rows = at_once(lambda asked: Page(range(asked.limit), 100))
    assert rows == list(range(15))
    assert not walked.complete
    assert len(requests) <= 4 * PATIENCE


def test_a_server_that_ignores_limit_is_read_in_one_request() -> None:
    walked, requests, rows = at_once(lambda asked: Page(range(asked.offset, 100), 100))
    assert (rows, walked.complete, len(requests) <= 3) == (list(range(100)), True, True)


def test_a_server_that_ignores_offset_and_limit_ends_complete() -> None:
    walked, _, rows = at_once(lambda _: Page(range(100), 100))
    assert (rows, walked.complete) == (list(range(100)), True)


@pytest.mark.parametrize("most", [1, 3, 7, 10, 12])
def test_a_server_that_sends_fewer_rows_than_asked_for_is_read_to_the_end_or_not_complete(most: int) -> None:
    walked, _, rows = at_once(
        lambda asked: Page(range(asked.offset, min(100, asked.offset + min(most, asked.limit))), 100)
    )
    assert walked.complete == (rows == list(range(100)))
    assert walked.complete == (most > 1)


@pytest.mark.parametrize("size", [0, 3, 10, 14, 15, 16, 100])
def test_a_server_that_does_not_count_is_read_to_the_end(size: int) -> None:
    walked, _, rows = at_once(lambda asked: Page(range(size)[asked.offset : asked.offset + asked.limit]))
    assert rows == list(range(size))
    assert walked.complete
    assert walked.total_after is None


def test_a_list_that_ends_before_its_count_is_read_once_more_and_then_not_complete() -> None:
    walked, requests, rows = at_once(
        lambda asked: Page(range(80)[asked.offset : asked.offset + asked.limit], 100)
    )
    assert rows == list(range(80))
    assert walked.doubts == ["the server counts 100 rows and sent 80 different ones"]
    assert len([request for request in requests if request.offset == 40]) == 2


def test_a_count_that_is_too_small_does_not_end_a_list_early() -> None:
    _, _, rows = at_once(lambda asked: Page(range(80)[asked.offset : asked.offset + asked.limit], 20))
    assert rows == list(range(80))


def test_each_page_reaches_back_and_stays_within_the_servers_limit() -> None:
    requests = at_once(lambda asked: Page(range(100)[asked.offset : asked.offset + asked.limit], 100))[1]
    assert [(request.offset, request.limit) for request in requests[:3]] == [(0, 15), (10, 15), (20, 15)]
    assert OVERLAP == 5
    largest = Walk[int](lambda _: Future(), lambda row: (str(row), None), 1000)
    assert largest._limit == 1000
