"""A look at sevDesk says whether anything changed: each change once, with a handful of requests."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from sevdesk_sandbox import Sandbox
from tap_running import NOON, config_for

from tap_sevdesk import watch
from tap_sevdesk.watch import WatchError, look

LISTS = ["Invoice", "Contact", "Voucher", "Order", "CreditNote"]


@pytest.fixture(params=[{}, {"ignore": "*.updateAfter"}, {"order": "shuffled"}, {"total": "absent"}], ids=str)
def books(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """Serve three rows of each list that is watched, changed some days ago."""
    with Sandbox(firm=False, now=NOON, **request.param) as sandbox:
        for resource in LISTS:
            for i in ("1", "2", "3"):
                sandbox.books.put(resource, {"id": i, "name": "Firma"})
        sandbox.clock.advance(days=3)
        yield sandbox


def minute(sandbox: Sandbox, cursor: str | None) -> watch.Look:
    sandbox.clock.advance(minutes=1)
    return look(config_for(sandbox), cursor)


def reports(sandbox: Sandbox, cursor: str | None, minutes: int = 3) -> list[bool]:
    """Return for each of the next minutes whether it reports a change."""
    found = []
    for _ in range(minutes):
        seen = minute(sandbox, cursor)
        found.append(seen.changed)
        cursor = seen.cursor
    return found


def test_a_quiet_hour_reports_nothing_with_a_handful_of_requests_a_minute(books: Sandbox) -> None:
    cursor = None
    for _ in range(10):
        books.log.clear()
        seen = minute(books, cursor)
        assert not seen.changed
        assert len(books.log) == 5
        cursor = seen.cursor
    (asked,) = [dict(request.params) for request in books.log if request.path == "/CreditNote"]
    assert asked == {"limit": "1", "countAll": "true"}


@pytest.mark.parametrize("resource", LISTS)
def test_a_new_document_is_reported_once(books: Sandbox, resource: str) -> None:
    if resource == "CreditNote" and books.switches.total == "absent" and books.switches.order == "shuffled":
        return
    cursor = minute(books, None).cursor
    books.clock.advance(seconds=30)
    books.books.put(resource, {"id": "4"})
    assert reports(books, cursor, minutes=4) == [True, False, False, False]


def test_an_edited_document_is_reported_each_time_it_is_edited() -> None:
    with Sandbox(firm=False, now=NOON) as sandbox:
        for i in range(300):
            sandbox.books.put("Invoice", {"id": str(i + 1)})
        sandbox.clock.advance(days=1)
        cursor = minute(sandbox, None).cursor
        for _ in range(3):
            sandbox.clock.advance(seconds=30)
            sandbox.books.put("Invoice", {"id": "17"})
            seen = minute(sandbox, cursor)
            assert seen.changed
            cursor = seen.cursor
        assert not minute(sandbox, cursor).changed


def test_a_change_in_the_second_of_a_look_is_not_missed() -> None:
    with Sandbox(firm=False, now=NOON) as sandbox:
        sandbox.books.put("Invoice", {"id": "1"})
        sandbox.clock.advance(days=1)
        cursor = look(config_for(sandbox), None).cursor
        sandbox.books.put("Invoice", {"id": "1", "status": "1000"})
        assert minute(sandbox, cursor).changed


def test_very_many_changes_in_a_minute_are_one() -> None:
    with Sandbox(firm=False, now=NOON) as sandbox:
        cursor = minute(sandbox, None).cursor
        for i in range(1500):
            sandbox.books.put("Invoice", {"id": str(i + 1)})
        seen = minute(sandbox, cursor)
        assert seen.changed
        assert len(seen.cursor) < 10_000
        assert reports(sandbox, seen.cursor) == [False, False, False]


@pytest.mark.parametrize("total", ["string", "absent"])
@pytest.mark.parametrize("order", ["id-asc", "update-asc", "create-desc"])
def test_changes_behind_a_first_page_that_is_as_it_was_are_seen(order: str, total: str) -> None:
    with Sandbox(firm=False, now=NOON, order=order, total=total) as sandbox:
        sandbox.books.put("Contact", {"id": "9"})
        sandbox.clock.advance(days=1)
        cursor = minute(sandbox, None).cursor
        sandbox.clock.advance(seconds=58)
        for i in range(150):
            sandbox.books.put("Contact", {"id": str(i + 100)})
        sandbox.clock.advance(seconds=2)
        seen = look(config_for(sandbox), cursor)
        assert seen.changed
        for i in range(50):
            sandbox.books.put("Contact", {"id": str(i + 300)})
        seen = minute(sandbox, seen.cursor)
        assert seen.changed
        assert not minute(sandbox, minute(sandbox, seen.cursor).cursor).changed


def test_a_hundred_rows_dated_2999_are_reported_once() -> None:
    with Sandbox(firm=False, now=NOON) as sandbox:
        cursor = minute(sandbox, None).cursor
        for i in range(150):
            sandbox.books.put("Contact", {"id": str(i), "update": "2999-01-01T00:00:00+01:00"})
        assert reports(sandbox, cursor) == [True, False, False]


def test_a_row_dated_2999_is_reported_once(books: Sandbox) -> None:
    cursor = minute(books, None).cursor
    books.books.put("Invoice", {"id": "9", "update": "2999-01-01T00:00:00+01:00"})
    assert reports(books, cursor) == [True, False, False]


def test_a_deleted_credit_note_is_seen_by_the_count() -> None:
    with Sandbox(firm=False, now=NOON) as sandbox:
        for i in ("1", "2"):
            sandbox.books.put("CreditNote", {"id": i})
        cursor = minute(sandbox, None).cursor
        sandbox.books.delete("CreditNote", "1")
        assert minute(sandbox, cursor).changed


@pytest.mark.parametrize("cursor", ["", "{}", "[]", "null", '{"since":"soon"}', '{"since":1,"seen":7}'])
def test_a_cursor_that_cannot_be_read_begins_anew(books: Sandbox, cursor: str) -> None:
    seen = minute(books, cursor)
    assert not seen.changed
    assert not minute(books, seen.cursor).changed


def test_a_clock_that_was_set_back_does_not_blind_it() -> None:
    with Sandbox(firm=False, now=NOON) as sandbox:
        sandbox.clock.advance(days=30)
        cursor = minute(sandbox, None).cursor
        sandbox.clock.advance(days=-30)
        seen = minute(sandbox, cursor)
        assert seen.changed
        sandbox.books.put("Invoice", {"id": "1"})
        assert minute(sandbox, seen.cursor).changed


FAULTS: dict[str, dict[str, Any]] = {
    "401": {"status": 401},
    "403": {"status": 403},
    "500": {"status": 500},
    "429": {"status": 429, "retry_after": 60},
    "a page of HTML": {"kind": "html", "status": 200},
    "an error under 200": {"kind": "envelope"},
    "no connection": {"kind": "reset"},
}


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("nth", [1, 3])
def test_every_failure_is_one_exception_with_one_sentence_and_nothing_is_repeated(
    books: Sandbox, kind: str, nth: int
) -> None:
    books.fail(nth=nth, times=0, **FAULTS[kind])
    with pytest.raises(WatchError) as caught:
        look(config_for(books), None)
    assert "\n" not in str(caught.value)
    assert books.token not in str(caught.value)
    assert len(books.log) == nth


@pytest.mark.parametrize("config", [{}, {"api_token": "x"}, {"api_token": "0" * 32, "api_url": "nowhere"}])
def test_settings_that_cannot_be_right_are_said_in_the_same_way(config: dict[str, Any]) -> None:
    with pytest.raises(WatchError):
        look(config, None)


def test_it_does_not_load_the_sdk() -> None:
    code = "import sys, tap_sevdesk.watch; sys.exit('singer_sdk' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
