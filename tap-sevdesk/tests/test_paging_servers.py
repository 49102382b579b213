"""Paging against servers that do not do what they are asked: it ends, and does not claim too much."""

import random
from collections.abc import Callable
from math import ceil

import pytest

from tap_sevdesk.paging import OVERLAP, PATIENCE, Page, Paging, Request, Wait


def at_once(
    answer: Callable[[Request], Page[int]], page_size: int = 10
) -> tuple[Paging[int], list[Request], list[int]]:
    requests: list[Request] = []

    def ask(request: Request) -> Wait[int]:
        requests.append(request)
        assert len(requests) < 200, "endless"
        page = answer(request)
        return lambda: page

    paging = Paging(ask, lambda row: (str(row), None), page_size)
    return paging, requests, [row for rows in paging.read() for row in rows]


def test_a_server_that_ignores_offset_ends_and_is_not_complete() -> None:
    paging, requests, rows = at_once(lambda asked: Page(range(asked.limit), 100))
    assert rows == list(range(15))
    assert not paging.complete
    assert len(requests) <= 4 * PATIENCE


def test_a_server_that_ignores_limit_is_read_in_one_request() -> None:
    paging, requests, rows = at_once(lambda asked: Page(range(asked.offset, 100), 100))
    assert (rows, paging.complete, len(requests) <= 3) == (list(range(100)), True, True)


def test_a_server_that_ignores_offset_and_limit_ends_complete() -> None:
    paging, _, rows = at_once(lambda _: Page(range(100), 100))
    assert (rows, paging.complete) == (list(range(100)), True)


def test_a_server_with_a_limit_of_its_own_may_insert_rows_in_front() -> None:
    """A page of such a server is always short: it is measured against what the server sends at most."""
    rows, asked = list(range(60)), 0

    def answer(request: Request) -> Page[int]:
        nonlocal asked
        asked += 1
        if asked == 4:
            rows[:0] = range(100, 112)
        return Page(rows[request.offset : request.offset + min(10, request.limit)], len(rows))

    paging, requests, read = at_once(answer)
    assert set(range(60)) <= set(read)
    assert paging.complete
    assert len(requests) <= 20  # once, not twice


def test_a_page_that_lacks_the_rows_read_before_is_no_continuation() -> None:
    """One row that is known may be there by chance, and a count that shrinks hide what is missing."""
    script = {0: range(15), 10: [3, *range(20, 34)], 20: range(24, 39), 30: range(34, 40)}
    counts = iter([40])
    paging, _, rows = at_once(lambda asked: Page(script.get(asked.offset, range(38, 40)), next(counts, 35)))
    assert set(rows) == set(range(40)) - set(range(15, 20))
    assert paging.doubts == ["rows came in another order than before"]


def test_a_row_that_was_seen_behind_a_gap_and_never_came_again_is_not_forgotten() -> None:
    paging, _, rows = at_once(lambda asked: Page([asked.offset]))  # one row a page, and no count
    assert rows == [0]
    assert not paging.complete


@pytest.mark.parametrize("counts", [True, False])
@pytest.mark.parametrize("becomes_of_it", [[], [30]])  # it is deleted, or changed and shown first
def test_a_row_that_was_seen_behind_a_gap_and_is_deleted_or_moves_makes_no_doubt(
    becomes_of_it: list[int], *, counts: bool
) -> None:
    rows, asked = list(range(60)), 0

    def answer(request: Request) -> Page[int]:
        nonlocal asked
        asked += 1
        if asked == 2:
            del rows[:12]
        if asked == 3:
            rows.remove(30)
            rows[:0] = becomes_of_it
        return Page(rows[request.offset : request.offset + request.limit], len(rows) if counts else None)

    paging, requests, read = at_once(answer)
    assert set(rows) <= set(read)
    assert paging.complete
    assert len(requests) <= 20 or not becomes_of_it  # once, not twice, if it came


def test_a_row_that_is_sent_twice_in_one_page_counts_once() -> None:
    paging, _, rows = at_once(lambda _: Page([0, 1, 1, 2], 3))
    assert (rows, paging.distinct, paging.complete) == ([0, 1, 2], 3, True)


def test_a_server_that_sends_other_rows_each_time_ends_and_is_not_complete() -> None:
    asked = 0

    def answer(request: Request) -> Page[int]:
        nonlocal asked
        asked += 1
        return Page(range(1000 * asked, 1000 * asked + request.limit), 100)

    paging, _, _ = at_once(answer)
    assert not paging.complete


@pytest.mark.parametrize("in_front", [True, False])
@pytest.mark.parametrize("counts", [True, False])
def test_a_list_that_grows_by_a_page_with_each_request_ends_and_is_not_complete(
    *, counts: bool, in_front: bool
) -> None:
    """Rows made after the read began come with the next run: some pages of nothing else, and it ends."""
    began, asked = 1_782_820_800, 0
    rows = [(number, began - 3600) for number in range(60)]

    def ask(request: Request) -> Wait[tuple[int, int]]:
        nonlocal asked
        asked += 1
        assert asked < 400, "endless"
        now = began + asked
        made = [(1000 * asked + number, now) for number in range(request.limit)]
        rows[slice(0) if in_front else slice(len(rows), None)] = made
        page = Page(rows[request.offset :][: request.limit], len(rows) if counts else None, now)
        return lambda: page

    paging = Paging(ask, lambda row: (str(row[0]), row[1]), 10)
    read = [row for page in paging.read() for row in page]
    assert not paging.complete
    if not in_front:
        assert set(rows[:60]) <= set(read)


def test_a_list_most_of_which_is_edited_while_it_is_read_is_read_to_the_end() -> None:
    """A bulk action may move hundreds of rows to the end of a list that is sorted by their change."""
    began = 1_782_820_800
    rows = [(number, began - 3600) for number in range(600)]
    asked = 0

    def ask(request: Request) -> Wait[tuple[int, int]]:
        nonlocal asked
        asked += 1
        now = began + asked
        if asked == 20:
            rows[250:] = [(number, now) for number, _ in rows[250:]]
        page = Page(rows[request.offset :][: request.limit], 600, now)
        return lambda: page

    paging = Paging(ask, lambda row: (str(row[0]), row[1]), 10)
    read = [row for page in paging.read() for row in page]
    assert paging.complete
    assert set(rows) <= set(read)


def test_a_list_of_more_rows_than_an_account_has_ends_and_is_not_complete(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tap_sevdesk.paging.MOST", 300)
    paging, _, rows = at_once(lambda asked: Page(range(asked.offset, asked.offset + asked.limit), 100))
    assert rows == list(range(315))
    assert paging.doubts == ["the list did not end"]


@pytest.mark.parametrize("most", [1, 3, 7, 10, 12])
def test_a_server_that_sends_fewer_rows_than_asked_for_is_read_to_the_end_or_not_complete(most: int) -> None:
    paging, _, rows = at_once(
        lambda asked: Page(range(asked.offset, min(100, asked.offset + min(most, asked.limit))), 100)
    )
    assert paging.complete == (rows == list(range(100)))
    assert paging.complete == (most > 1)


@pytest.mark.parametrize("total", [1300, None])
@pytest.mark.parametrize("least", [0.2, 0.5, 0.9])
@pytest.mark.parametrize("seed", range(20))
def test_a_server_whose_pages_vary_in_size_is_read_to_the_end(
    seed: int, least: float, total: int | None
) -> None:
    chance = random.Random(seed)

    def answer(request: Request) -> Page[int]:
        sent = chance.randint(ceil(least * request.limit), request.limit)
        return Page(range(1300)[request.offset : request.offset + sent], total)

    paging, requests, rows = at_once(answer, page_size=100)
    assert rows == list(range(1300))
    assert paging.complete
    assert len(requests) <= 1300 / (100 * least) + 10


@pytest.mark.parametrize("seed", range(50))
def test_a_server_whose_pages_are_as_small_as_it_likes_is_not_called_complete_before_its_count(
    seed: int,
) -> None:
    chance = random.Random(seed)

    def answer(request: Request) -> Page[int]:
        sent = chance.randint(0, request.limit)
        return Page(range(100)[request.offset : request.offset + sent], 100)

    paging, _, rows = at_once(answer)
    assert paging.complete == (rows == list(range(100)))


@pytest.mark.parametrize("counts", [True, False])
@pytest.mark.parametrize("page_size", [10, 100])
@pytest.mark.parametrize("every", [2, 3, 7, 50])
def test_a_server_that_leaves_rows_out_after_cutting_the_page_is_read_to_the_end(
    every: int, page_size: int, *, counts: bool
) -> None:
    """The user of the token may not see them, say: such a page is short, and offsets count them."""
    shown = [row for row in range(400) if row % every]

    def answer(request: Request) -> Page[int]:
        cut = range(400)[request.offset : request.offset + request.limit]
        return Page([row for row in cut if row % every], len(shown) if counts else None)

    paging, _, rows = at_once(answer, page_size)
    assert rows == shown
    assert paging.complete


def test_a_server_with_a_limit_of_its_own_and_without_a_count_takes_a_few_requests_to_see_the_end() -> None:
    paging, requests, rows = at_once(
        lambda asked: Page(range(95)[asked.offset : asked.offset + min(10, asked.limit)])
    )
    assert (rows, paging.complete) == (list(range(95)), True)
    assert len(requests) <= 95 / 5 + 5


@pytest.mark.parametrize("size", [0, 3, 10, 14, 15, 16, 100])
def test_a_server_that_does_not_count_is_read_to_the_end(size: int) -> None:
    paging, _, rows = at_once(lambda asked: Page(range(size)[asked.offset : asked.offset + asked.limit]))
    assert rows == list(range(size))
    assert paging.complete
    assert paging.total_after is None


def test_a_list_that_ends_before_its_count_is_read_once_more_and_then_not_complete() -> None:
    paging, requests, rows = at_once(
        lambda asked: Page(range(80)[asked.offset : asked.offset + asked.limit], 100)
    )
    assert rows == list(range(80))
    assert paging.doubts == ["the server counts 100 rows and sent 80 different ones"]
    assert len([request for request in requests if request.offset == 40]) == 2


def test_a_count_that_is_too_small_does_not_end_a_list_early() -> None:
    _, _, rows = at_once(lambda asked: Page(range(80)[asked.offset : asked.offset + asked.limit], 20))
    assert rows == list(range(80))


def test_each_page_reaches_back_and_stays_within_the_servers_limit() -> None:
    requests = at_once(lambda asked: Page(range(100)[asked.offset : asked.offset + asked.limit], 100))[1]
    assert [(request.offset, request.limit) for request in requests[:3]] == [(0, 15), (10, 15), (20, 15)]
    assert OVERLAP == 5
    largest = Paging[int](lambda _: lambda: Page([]), lambda row: (str(row), None), 1000)
    assert largest._limit == 1000


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_of_two_generations_of_a_row_in_one_page_the_newest_is_handed_on(order: tuple[int, int]) -> None:
    page = Page([("7", order[0]), ("8", 1), ("7", order[1])], 3)
    paging: Paging[tuple[str, int]] = Paging(lambda _: lambda: page, lambda row: row, 10)
    assert sorted(row for rows in paging.read() for row in rows) == [("7", 2), ("8", 1)]
    assert paging.distinct == 2
