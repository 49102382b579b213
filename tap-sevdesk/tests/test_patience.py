"""How long the client waits: for its turn, before it asks again, and for what is given up, in a whole run."""

import re
import threading
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

import pytest
import requests
from client_asking import DATE, GOOD, URL, answered_before, client, get

from tap_sevdesk.account import ask
from tap_sevdesk.client import ATTEMPTS, PATIENCE, Tally
from tap_sevdesk.errors import RunError, StreamError


class FakeTime:
    """A clock that goes on only where the client waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def hang(self, _: object) -> None:
        """Answer nothing until the client gives up."""
        self.now += 60
        raise requests.exceptions.ReadTimeout


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> FakeTime:
    it = FakeTime()
    monkeypatch.setattr("tap_sevdesk.client.sleep", it.sleep)
    monkeypatch.setattr("tap_sevdesk.client.monotonic", lambda: it.now)
    return it


def test_waits_grow_and_are_not_the_same_each_time(server: Any, slept: list[float]) -> None:
    server.get(f"{URL}/Invoice", status=500)
    for _ in range(5):
        with pytest.raises(StreamError):
            get(answered_before(server))
    runs = [slept[i : i + ATTEMPTS - 1] for i in range(0, len(slept), ATTEMPTS - 1)]
    assert all(run == sorted(run) and run[-1] > 8 * run[0] for run in runs)
    assert len({run[0] for run in runs}) > 1
    assert sum(runs[0]) < 30


@pytest.mark.parametrize("form", ["seconds", "date"])
@pytest.mark.parametrize("asked", [0, 7, 120])
def test_retry_after_is_honoured(server: Any, slept: list[float], form: str, asked: int) -> None:
    moment = format_datetime(
        datetime(2026, 6, 30, 12, tzinfo=timezone.utc) + timedelta(seconds=asked), usegmt=True
    )
    after = str(asked) if form == "seconds" else moment
    server.get(f"{URL}/Invoice", status=429, headers={"Retry-After": after, "Date": DATE})
    server.get(f"{URL}/Invoice", **GOOD)
    get(answered_before(server))
    assert slept == [asked]


@pytest.mark.parametrize(
    "after", ["soon", "-5", "", "Tue, 99 Foo 2026", "²", "Fri, 31 Dec 9999 23:59:59 -0100"]
)
def test_an_unreadable_retry_after_is_as_good_as_none(server: Any, slept: list[float], after: str) -> None:
    server.get(f"{URL}/Invoice", status=503, headers={"Retry-After": after})
    server.get(f"{URL}/Invoice", **GOOD)
    get(answered_before(server))
    assert 0 < slept[0] < 1


def test_a_retry_after_beyond_half_of_the_patience_is_not_waited_for(server: Any, time: FakeTime) -> None:
    server.get(f"{URL}/Invoice", status=429, headers={"Retry-After": "100000"})
    with pytest.raises(StreamError, match=r"the server answered 429\.$"):
        get(answered_before(server))
    assert time.now == 0


def test_lists_that_are_broken_or_hang_cost_a_run_no_more_than_its_patience(
    server: Any, time: FakeTime
) -> None:
    it = answered_before(server)
    server.get(re.compile(f"{URL}/Broken"), status=503, headers={"Retry-After": "120"})
    server.add_callback(server.GET, re.compile(f"{URL}/Hanging"), time.hang)
    for path in ("/Broken1", "/Broken2", "/Hanging1", "/Hanging2", "/Broken3"):
        began = time.now
        with pytest.raises(StreamError, match=path):
            it.get(path, (), Tally())
        assert time.now - began <= PATIENCE / 2 + 60
        assert it.get("/Tag", (), Tally()).objects == []
    assert time.now <= PATIENCE + 60


def test_waits_that_lead_to_an_answer_use_up_no_patience(server: Any, time: FakeTime) -> None:
    it = answered_before(server)
    for _ in range(20):  # a server that asks for a pace is no broken one, however long a list is
        server.get(f"{URL}/Invoice", status=429, headers={"Retry-After": "60"})
        server.get(f"{URL}/Invoice", **GOOD)
        assert get(it).objects == []
    assert time.now == 20 * 60 > PATIENCE


def test_a_server_that_hangs_from_the_start_is_given_up_after_the_patience_of_a_run(
    server: Any, time: FakeTime
) -> None:
    server.add_callback(server.GET, re.compile(URL), time.hang)
    with pytest.raises(RunError, match="no complete answer within 60 seconds"):
        ask(client(), Tally())
    assert time.now <= PATIENCE + 60


def test_the_pace_holds_for_all_threads_together(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    waits: list[float] = []
    monkeypatch.setattr("tap_sevdesk.client.monotonic", lambda: now[0])
    monkeypatch.setattr("tap_sevdesk.client.sleep", waits.append)
    server.get(f"{URL}/Invoice", **GOOD)
    it = client(requests_per_second=4)
    threads = [threading.Thread(target=get, args=(it,)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(waits) == [0.25, 0.5, 0.75, 1.0, 1.25]
