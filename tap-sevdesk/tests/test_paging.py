"""The walker against small worlds that change between, and while, its requests."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tap_running import SAME_EACH_TIME

from tap_sevdesk.paging import Page, Paging, Request, Wait


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
class ChangingList:
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
        self.under_way: list[tuple[Request, list[Page[Row]]]] = []

    def delete(self, *ids: int) -> "ChangingList":
        for i in ids:
            del self.rows[i]
        return self

    def touch(self, second: int, *ids: int) -> "ChangingList":
        """Insert or change rows in that second."""
        self.second = second
        for i in ids:
            self.rows[i] = Row(i, self.rows[i].create if i in self.rows else second, second)
        return self

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

    def ask(self, request: Request) -> Wait[Row]:
        """Take a request; it is answered when somebody waits, those under way in any order."""
        here: list[Page[Row]] = []
        self.under_way.append((request, here))

        def wait() -> Page[Row]:
            while not here:
                asked, there = self.under_way.pop(self.rng.randrange(len(self.under_way)))
                there.append(self.answer(asked))
            return here[0]

        return wait


def read_all(changing: ChangingList, page_size: int, read_ahead: int = 1) -> tuple[Paging[Row], list[Row]]:
    paging = Paging(changing.ask, lambda row: (str(row.id), row.update), page_size, read_ahead)
    return paging, [row for rows in paging.read() for row in rows]


def lost(changing: ChangingList, rows: list[Row]) -> set[int]:
    """Rows that were there from the first request to the last and did not come."""
    assert changing.lived_through is not None
    return changing.lived_through - {row.id for row in rows}


worlds = st.builds(
    ChangingList,
    size=st.integers(0, 60),
    order=st.sampled_from(sorted(ORDERS)),
    rng=st.integers(0, 2**32).map(random.Random),
    churn=st.sampled_from((0, 0.2, 1, 3, 8)),
)
ahead = st.sampled_from((1, 1, 2, 4))


@given(worlds, st.integers(1, 30), ahead)
@settings(SAME_EACH_TIME, max_examples=1000)
def test_no_row_that_lives_through_the_scan_is_lost_and_none_comes_twice_unchanged(
    changing: ChangingList, page_size: int, read_ahead: int
) -> None:
    paging, rows = read_all(changing, page_size, read_ahead)
    assert not lost(changing, rows) or not paging.complete
    if changing.churn <= page_size / 4:  # the list does not outrun its reader
        assert paging.complete, paging.doubts
    versions = [(row.id, row.update) for row in rows]
    assert len(versions) == len(set(versions))


def few_changes(size: int, order: str, seed: int, page_size: int) -> ChangingList:
    """Return a list of which one row at most changes before each request, and a twentieth of a page."""
    return ChangingList(size, order, random.Random(seed), churn=min(1, page_size / 20))


@given(
    st.integers(0, 400), st.sampled_from(sorted(ORDERS)), st.integers(0, 2**32), st.integers(1, 100), ahead
)
@settings(SAME_EACH_TIME, max_examples=300)
def test_it_never_asks_more_than_for_a_second_read(
    size: int, order: str, seed: int, page_size: int, read_ahead: int
) -> None:
    changing = few_changes(size, order, seed, page_size)
    paging, _ = read_all(changing, page_size, read_ahead)
    assert paging.complete
    assert len(changing.requests) <= 2 * math.ceil(changing.longest / page_size) + 2 + read_ahead


def test_of_a_hundred_reads_one_at_most_takes_more_than_a_few_requests_beyond_the_least_possible() -> None:
    reads, more = 1000, 0
    for seed in range(reads):
        rng = random.Random(seed)
        size, page_size, read_ahead = rng.randint(0, 400), rng.randint(1, 100), rng.choice((1, 2, 4))
        changing = few_changes(size, rng.choice(sorted(ORDERS)), seed, page_size)
        read_all(changing, page_size, read_ahead)
        few = 1.1 * math.ceil(changing.longest / page_size) + 3 + read_ahead
        more += len(changing.requests) > few
    assert more <= reads / 100


@given(st.integers(0, 60), st.integers(0, 2**32), st.sampled_from((0, 0.2, 1, 3)), st.integers(1, 30), ahead)
@settings(SAME_EACH_TIME, max_examples=500)
def test_a_list_in_a_new_order_each_time_is_never_lost_in_silence(
    size: int, seed: int, churn: float, page_size: int, read_ahead: int
) -> None:
    changing = ChangingList(size, "shuffled", random.Random(seed), churn)
    paging, rows = read_all(changing, page_size, read_ahead)
    assert not lost(changing, rows) or not paging.complete


@pytest.mark.parametrize("order", sorted(ORDERS))
@pytest.mark.parametrize("size", [0, 1, 9, 10])
def test_a_list_that_fits_into_one_page_takes_one_request(order: str, size: int) -> None:
    changing = ChangingList(size, order, random.Random(1))
    paging, rows = read_all(changing, page_size=10)
    assert (len(changing.requests), len(rows), paging.complete) == (1, size, True)
    assert (paging.total_before, paging.total_after) == (size, size)


def read_with(
    changing: ChangingList, page_size: int, events: dict[int, Callable[[], object]]
) -> tuple[Paging[Row], list[Row]]:
    """Read a list to which something happens before the request with that number (the first is 0)."""

    def ask(request: Request) -> Wait[Row]:
        events.get(len(changing.requests), lambda: None)()
        changing.second += 1
        return changing.ask(request)

    paging = Paging(ask, lambda row: (str(row.id), row.update), page_size)
    return paging, [row for rows in paging.read() for row in rows]


def test_the_counts_before_and_after_are_the_servers() -> None:
    changing = ChangingList(50, "by id", random.Random(1))
    paging, rows = read_with(changing, 10, {2: lambda: changing.delete(3)})
    assert len(rows) == 50
    assert (paging.total_before, paging.total_after, paging.distinct, paging.complete) == (50, 49, 50, True)


def test_a_list_that_shrinks_takes_no_request_more() -> None:
    changing = ChangingList(50, "by id", random.Random(1))
    paging, rows = read_with(changing, 10, {2: lambda: changing.delete(40, 41, 42)})
    assert (len(rows), paging.complete) == (47, True)
    assert len(changing.requests) == 5 + 1


def test_pages_in_flight_take_no_request_more() -> None:
    changing = ChangingList(100, "by id", random.Random(1))
    paging, rows = read_all(changing, page_size=10, read_ahead=4)
    assert (len(rows), paging.complete) == (100, True)
    assert len(changing.requests) == 10 + 1
    assert changing.under_way == []


def test_more_deletions_than_the_overlap_make_it_step_back() -> None:
    changing = ChangingList(100, "by id", random.Random(1))
    paging, rows = read_with(changing, 20, {2: lambda: changing.delete(*range(15))})
    assert {row.id for row in rows} == set(range(100))
    assert paging.complete


def test_after_many_deletions_the_place_to_go_on_from_is_found_in_few_steps() -> None:
    changing = ChangingList(1000, "by id", random.Random(1))
    paging, rows = read_with(
        changing,
        10,
        {70: lambda: changing.delete(*range(100, 600)), 90: lambda: changing.delete(*range(600, 630))},
    )
    assert {row.id for row in rows} == set(range(1000))
    assert paging.complete
    assert len(changing.requests) <= 1000 / 10 + 1 + 15


def test_deletions_that_leave_the_next_page_empty_do_not_end_it() -> None:
    changing = ChangingList(30, "by id", random.Random(1))
    paging, rows = read_with(changing, 20, {1: lambda: changing.delete(*range(20))})
    assert set(range(20, 30)) <= {row.id for row in rows}
    assert paging.complete


def test_rows_inserted_in_front_by_the_page_do_not_end_it() -> None:
    changing = ChangingList(60, "newest first", random.Random(1))
    paging, rows = read_with(changing, 10, {2: lambda: changing.touch(1000, *range(60, 90))})
    assert {row.id for row in rows} == set(range(90))
    assert paging.complete


def test_rows_found_at_the_front_while_stepping_back_are_no_sign_of_disorder() -> None:
    changing = ChangingList(200, "newest first", random.Random(1))
    paging, rows = read_with(
        changing,
        40,
        {
            1: lambda: changing.touch(1000, 200, 201, 202).delete(*range(155, 163)),
            3: lambda: changing.delete(*range(163, 172)),
        },
    )
    assert [request.offset for request in changing.requests[:6]] == [0, 40, 0, 40, 0, 40]
    assert {row.id for row in rows} == set(range(203))
    assert paging.complete, paging.doubts


def test_a_front_full_of_news_is_no_sign_of_disorder() -> None:
    changing = ChangingList(60, "last changed first", random.Random(1))
    paging, rows = read_with(changing, 10, {2: lambda: changing.touch(5000, *range(0, 60, 2))})
    assert {row.id for row in rows} == set(range(60))
    assert paging.complete, paging.doubts


def test_an_unread_row_that_is_changed_and_jumps_to_the_front_is_read_there() -> None:
    changing = ChangingList(60, "last changed first", random.Random(1))
    paging, rows = read_with(changing, 10, {2: lambda: changing.touch(5000, 0)})
    assert {row.id for row in rows} == set(range(60))
    assert paging.complete


def test_a_row_that_comes_back_changed_is_handed_on_again() -> None:
    changing = ChangingList(60, "last changed first", random.Random(1))
    _, rows = read_with(changing, 10, {2: lambda: changing.touch(5000, 59)})
    assert [row.update for row in rows if row.id == 59] == [29, 5000]


def test_a_row_changed_in_the_second_of_those_before_it_may_stand_among_them() -> None:
    """In a list by time, the front is not read up to a row that bears the second in which it was read."""
    changing = ChangingList(0, "last changed first", random.Random(1))
    changing.rows = {i: Row(i, 0, 100 - i) for i in range(40)}
    changing.rows[11] = Row(11, 0, 0)
    fronts = 0

    def ask(request: Request) -> Wait[Row]:
        nonlocal fronts
        fronts += request.offset == 0
        if len(changing.requests) == 1:  # 11, still unread, comes to the front,
            changing.touch(1001, 11)
        if fronts == 2 and request.offset == 0:  # and when that is read, twenty others have come before it;
            changing.touch(1002, *range(0, 40, 2))
        if fronts == 2 and request.offset == 15:  # it jumps among them, to where the front was read already
            changing.touch(1002, 11)
            changing.delete(39)  # so that the count does not tell
            changing.second = 1003
        return changing.ask(request)

    paging = Paging(ask, lambda row: (str(row.id), row.update), 5)
    assert 11 in {row.id for rows in paging.read() for row in rows}
    assert paging.complete


def test_a_page_that_was_answered_before_an_earlier_one_is_not_the_end() -> None:
    """A row that went from the earlier page to the end in between would be in neither of them."""
    changing = ChangingList(60, "last changed last", random.Random(1))
    changing.rows = {i: Row(i, 0, i) for i in range(60)}
    answers: dict[int, Page[Row]] = {}

    def ask(request: Request) -> Wait[Row]:
        return lambda: prepared(request)

    def prepared(request: Request) -> Page[Row]:
        if request.offset == 10 and not answers:  # the page behind this one is answered first
            changing.delete(*range(15, 40), *range(41, 46))
            answers[20] = changing.answer(Request(20, 15, count=False))
            changing.delete(0, 1, 2, 3)
            changing.touch(1001, 40)
        if request.offset in answers:
            return answers.pop(request.offset)
        return changing.answer(request)

    paging = Paging(ask, lambda row: (str(row.id), row.update), 10, read_ahead=2)
    assert 40 in {row.id for rows in paging.read() for row in rows}
    assert paging.complete
