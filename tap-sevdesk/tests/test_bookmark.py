"""Times and bookmarks: what they mean, and that no change is missed over many runs."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tap_running import SAME_EACH_TIME

from tap_sevdesk.bookmark import format_time, lower_bound, next_bookmark, parse_time, read_time
from tap_sevdesk.paging import Page, Paging, Request, Wait

UTC = timezone.utc
NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2024-04-08T00:00:00+02:00", "2024-04-07T22:00:00+00:00"),
        ("2024-01-08T00:00:00+01:00", "2024-01-07T23:00:00+00:00"),
        ("2024-04-08T00:00:00Z", "2024-04-08T00:00:00+00:00"),
        ("2024-04-08T00:00:00+0200", "2024-04-07T22:00:00+00:00"),
        ("2024-04-08T00:00:00.987+02:00", "2024-04-07T22:00:00+00:00"),
        ("2024-04-08 00:00:00", "2024-04-07T22:00:00+00:00"),
        ("2024-04-08T00:00:00.12345", "2024-04-07T22:00:00+00:00"),
        ("2024-01-08", "2024-01-07T23:00:00+00:00"),
        ("08.01.2024", "2024-01-07T23:00:00+00:00"),
        ("08.04.2024 10:30", "2024-04-08T08:30:00+00:00"),
        ("1647259198", "2022-03-14T11:59:58+00:00"),
        (1647259198, "2022-03-14T11:59:58+00:00"),
        ("2024-04-08T00:00:00-05:30", "2024-04-08T05:30:00+00:00"),
        ("2024-04-08T00:00:00-0530", "2024-04-08T05:30:00+00:00"),
        ("2999-12-31T23:59:59+01:00", "2999-12-31T22:59:59+00:00"),
    ],
)
def test_each_form_of_a_time_is_the_same_moment_in_utc(text: object, utc: str) -> None:
    moment = parse_time(text)
    assert moment is not None
    assert format_time(moment) == utc


@pytest.mark.parametrize(
    "text", [None, "", "soon", "31.02.2024", "2024-13-01", "0", True, 1.5, [], {}, "9999999999999", "24:00"]
)
def test_what_is_no_time_is_none(text: object) -> None:
    assert parse_time(text) is None


def test_the_hour_that_october_has_twice_is_in_order() -> None:
    first, second = parse_time("2025-10-26T02:50:00+02:00"), parse_time("2025-10-26T02:10:00+01:00")
    assert first is not None
    assert second is not None
    assert second - first == timedelta(minutes=20)
    assert parse_time("2025-10-26T02:10:00") == parse_time("2025-10-26T02:10:00+02:00")


moments = st.integers(0, 10_000 * 365 * 8640).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


@given(moments, st.integers(-12 * 60, 14 * 60))
@SAME_EACH_TIME
def test_a_moment_survives_any_offset(moment: datetime, minutes: int) -> None:
    assert parse_time(moment.astimezone(timezone(timedelta(minutes=minutes))).isoformat()) == moment
    assert parse_time(format_time(moment)) == moment


@given(st.none() | moments, st.none() | moments, moments, st.booleans())
@SAME_EACH_TIME
def test_a_bookmark_never_goes_back_nor_past_the_cap_nor_moves_when_incomplete(
    before: datetime | None, largest: datetime | None, cap: datetime, complete: bool
) -> None:
    after = next_bookmark(before, largest, cap, complete=complete)
    if not complete or largest is None:
        assert after == before
    elif before is None:
        assert after == min(largest, cap)
    else:
        assert after == max(before, min(largest, cap))


def test_a_row_dated_2999_does_not_end_the_stream() -> None:
    assert next_bookmark(None, datetime(2999, 1, 1, tzinfo=UTC), NOON, complete=True) == NOON


def test_an_empty_run_keeps_the_bookmark() -> None:
    assert next_bookmark(NOON, None, NOON + HOUR, complete=True) == NOON


def test_rows_of_the_lookback_alone_do_not_move_the_bookmark_back() -> None:
    assert next_bookmark(NOON, NOON - HOUR, NOON + HOUR, complete=True) == NOON


def test_the_lower_bound_is_the_bookmark_less_the_lookback() -> None:
    assert lower_bound(NOON, None, HOUR) == NOON - HOUR


@given(
    st.datetimes(),
    st.sampled_from(["+02:00", "+01:00", "-11:00", "+05:30", "+00:00", "02:00+", "+24:00"]),
)
@SAME_EACH_TIME
def test_the_usual_form_is_read_as_any_other(local: datetime, zone: str) -> None:
    text = local.isoformat(timespec="seconds") + zone
    moment = parse_time(text)
    expected = None if moment is None else (int(moment.timestamp()), format_time(moment))
    assert read_time(text) == expected


@pytest.mark.parametrize("bookmark", ["0001-01-01T00:00:00+00:00", "0001-01-01T00:59:59+00:00"])
def test_a_lookback_ends_where_the_calendar_begins(bookmark: str) -> None:
    moment = parse_time(bookmark)
    assert moment is not None
    bound = lower_bound(moment, None, HOUR)
    assert bound is not None
    assert format_time(bound) == "0001-01-01T00:00:00+00:00"
    assert lower_bound(NOON, None, timedelta(days=900_000)) == bound


def test_a_start_date_counts_only_without_a_bookmark() -> None:
    assert lower_bound(None, NOON, HOUR) == NOON
    assert lower_bound(NOON, NOON + 5 * HOUR, HOUR) == NOON - HOUR
    assert lower_bound(None, None, HOUR) is None


# Many runs over a list that changes: what arrived is in the end what is there.


@dataclass(frozen=True)
class Row:
    """A row: when it was changed (in seconds; None: never said), and how often."""

    update: int | None
    times: int


class Account:
    """A list that changes between and during requests, with a filter that is honoured in some way."""

    def __init__(self, rng: random.Random, filtering: str) -> None:
        self.rng, self.filtering, self.now, self.quiet = rng, filtering, 1000, False
        self.rows = {i: Row(rng.randint(900, 1000), 0) for i in range(rng.randint(1, 30))}
        if rng.random() < 0.3:
            self.rows[999] = Row(99999, 0)  # dated far in the future
        if rng.random() < 0.3:
            self.rows[998] = Row(None, 0)

    def change(self, most: int) -> None:
        for _ in range(0 if self.quiet else self.rng.randint(0, most)):
            self.now += self.rng.random() < 0.4
            i = self.rng.randrange(40)
            before = self.rows.get(i)
            self.rows[i] = Row(self.now, before.times + 1 if before else 0)

    def answer(self, since: int | None, request: Request) -> Page[tuple[int, Row]]:
        rows = sorted(self.rows.items(), key=lambda item: (-(item[1].update or 0), item[0]))
        if since is not None and self.filtering != "ignored":
            low = since if self.filtering == "inclusive" else since + 1
            rows = [(i, row) for i, row in rows if row.update is None or row.update >= low]
        page = Page(rows[request.offset : request.offset + request.limit], len(rows), self.now)
        self.change(2)
        return page


@given(
    st.integers(0, 2**32), st.sampled_from(("inclusive", "exclusive", "ignored")), st.sampled_from((0, 1, 5))
)
@settings(SAME_EACH_TIME, max_examples=400)
def test_after_many_runs_some_of_them_killed_nothing_has_been_missed(
    seed: int, filtering: str, lookback: int
) -> None:
    rng = random.Random(seed)
    account = Account(rng, filtering)
    arrived: dict[int, Row] = {}
    bookmark: datetime | None = None
    for run in range(8):
        last = run == 7
        since = lower_bound(bookmark, None, timedelta(seconds=lookback))
        asked = None if since is None else int(since.timestamp()) - 1
        cap = datetime.fromtimestamp(account.now, UTC)

        def ask(request: Request, asked: int | None = asked) -> Wait[tuple[int, Row]]:
            page = account.answer(asked, request)
            return lambda: page

        paging = Paging(ask, lambda item: (str(item[0]), item[1].update), rng.randint(4, 20))
        updates = []
        for i, row in (item for page in paging.read() for item in page):
            moment = None if row.update is None else datetime.fromtimestamp(row.update, UTC)
            if moment:
                updates.append(moment)
            if since is None or moment is None or moment >= since:
                arrived[i] = row
        killed = rng.random() < 0.3 and not last
        if not killed:
            bookmark = next_bookmark(bookmark, max(updates, default=None), cap, complete=paging.complete)
        account.now += rng.randint(0, 3)
        account.change(6)
        if run == 6:
            account.quiet = True
    assert paging.complete
    assert arrived == account.rows
