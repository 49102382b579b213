"""Pages are requested side by side when the answers are what takes long, and one by one when they do not."""

from itertools import pairwise
from time import sleep
from typing import Any

import pytest
from sevdesk_sandbox import Sandbox
from tap_running import NOON, run_tap

from tap_sevdesk.reader import _Latency
from tap_sevdesk.rows import Row
from tap_sevdesk.unreadable import parse_each

LATENCY = 0.2


def gaps(latency_ms: int, **settings: Any) -> list[float]:
    """Return the seconds between the requests for a list of fifteen pages."""
    with Sandbox(firm=False, now=NOON) as sandbox:
        for key in range(60):
            sandbox.books.put("Contact", {"id": str(key)})
        sandbox.clock.advance(hours=1)
        sandbox.switches.set(latency_ms=latency_ms)
        run = run_tap(sandbox, "contacts", page_size=4, **settings)
        assert len(set(run.ids("contacts"))) == 60
        arrived = [request.arrived for request in sandbox.log if request.path == "/Contact"]
    return [after - before for before, after in pairwise(sorted(arrived))]


def test_a_slow_server_is_asked_for_four_pages_at_once_without_any_setting() -> None:
    assert sum(gap < LATENCY / 2 for gap in gaps(int(1000 * LATENCY))) >= 6


def test_who_wants_one_page_at_a_time_gets_it_however_slow_the_server() -> None:
    assert min(gaps(int(1000 * LATENCY), read_ahead=1)) >= LATENCY


def test_taking_pages_apart_is_no_waiting_however_long_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    def slowly(*arguments: Any) -> list[Row]:
        sleep(LATENCY / 2)
        return parse_each(*arguments)

    monkeypatch.setattr("tap_sevdesk.reader.parse_each", slowly)
    assert min(gaps(0)) >= LATENCY / 2


def test_the_first_answer_of_a_list_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter((10.0, 11.0, 11.01, 12.01))
    monkeypatch.setattr("tap_sevdesk.reader.monotonic", lambda: next(moments))
    latency = _Latency(pace=0)
    with latency:
        pass
    assert not latency.dominates
    with latency:
        pass
    assert latency.dominates


@pytest.mark.parametrize(
    ("pace", "waiting", "working", "dominates"),
    [
        (0, 0.1, 0.01, True),
        (0, 0.1, 0.09, False),  # the tap itself takes as long
        (0, 0.01, 0.0, False),  # too short
        (0.25, 0.25, 0.01, False),  # it waits for its turn
        (0.25, 1.0, 0.01, True),
    ],
)
def test_only_a_server_that_takes_longer_than_all_else_is_asked_ahead(
    pace: float, waiting: float, working: float, dominates: bool
) -> None:
    assert _Latency(pace, waiting, working).dominates is dominates
