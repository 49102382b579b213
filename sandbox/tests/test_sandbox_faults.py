"""Faults by script."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import pytest
import requests

from sevdesk_sandbox import Sandbox

Ask = Callable[..., requests.Response]


def test_only_the_nth_request_to_a_path_is_struck(empty: Sandbox, ask: Ask) -> None:
    fault = empty.fail(path="/Invoice", nth=3, status=500)
    statuses = [
        ask(empty, path).status_code for path in ("/Invoice", "/Tag", "/Invoice", "/Invoice", "/Invoice")
    ]
    assert statuses == [200, 200, 200, 500, 200]
    assert (fault.seen, fault.hits) == (4, 1)


def test_a_fault_can_last(empty: Sandbox, ask: Ask) -> None:
    empty.fail(status=401, nth=2, times=0)
    assert [ask(empty, "/Tag").status_code for _ in range(4)] == [200, 401, 401, 401]


def test_of_two_faults_the_first_scripted_strikes(empty: Sandbox, ask: Ask) -> None:
    empty.fail(status=429, times=2)
    empty.fail(status=503, nth=2, times=2)
    assert [ask(empty, "/Tag").status_code for _ in range(4)] == [429, 429, 503, 200]


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_in_seconds_a_date_or_missing(empty: Sandbox, ask: Ask, status: int) -> None:
    empty.fail(status=status, retry_after=7)
    empty.fail(status=status, nth=2, retry_after=7, as_date=True)
    empty.fail(status=status, nth=3)
    first, second, third = (ask(empty, "/Tag") for _ in range(3))
    assert {first.status_code, second.status_code, third.status_code} == {status}
    assert first.headers["Retry-After"] == "7"
    date = second.headers["Retry-After"]
    assert (parsedate_to_datetime(date) - empty.clock.now).total_seconds() == 7
    assert "Retry-After" not in third.headers
    assert third.json()["error"]["code"] == status


@pytest.mark.parametrize("status", [502, 503, 200])
def test_a_page_of_html_comes_in_place_of_data(empty: Sandbox, ask: Ask, status: int) -> None:
    empty.fail("html", status=status)
    answer = ask(empty, "/Tag")
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert answer.text.startswith("<html>")


def test_an_error_can_hide_under_a_good_status(empty: Sandbox, ask: Ask) -> None:
    empty.fail("envelope")
    answer = ask(empty, "/Tag")
    assert answer.status_code == 200
    assert answer.json()["objects"] is None
    assert answer.json()["error"]["message"]


def test_json_can_break_off(empty: Sandbox, ask: Ask) -> None:
    empty.fail("invalid")
    answer = ask(empty, "/Tag")
    assert answer.status_code == 200
    with pytest.raises(ValueError, match="char"):
        answer.json()


def test_a_body_can_be_empty(empty: Sandbox, ask: Ask) -> None:
    empty.fail("empty")
    answer = ask(empty, "/Tag")
    assert (answer.status_code, answer.content) == (200, b"")


def test_a_body_can_be_shorter_than_announced(empty: Sandbox, ask: Ask) -> None:
    empty.fail("truncated")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        ask(empty, "/Tag")
    assert ask(empty, "/Tag").status_code == 200


def test_a_connection_can_be_reset(empty: Sandbox) -> None:
    empty.fail("reset")
    connection = http.client.HTTPConnection(urlsplit(empty.url).netloc, timeout=5)
    connection.request("GET", "/api/v1/Tag", headers={"Authorization": empty.token})
    with pytest.raises(ConnectionResetError):
        connection.getresponse()
    assert (empty.log[-1].status, empty.log[-1].fault) == (0, "reset")


def test_an_answer_can_be_slow(empty: Sandbox, ask: Ask) -> None:
    empty.fail("slow", seconds=0.2)
    start = time.monotonic()
    assert ask(empty, "/Tag").status_code == 200
    assert time.monotonic() - start >= 0.2


def test_a_redirect_leads_to_another_host_and_following_it_shows_in_the_log(empty: Sandbox, ask: Ask) -> None:
    empty.fail("redirect", path="/Tag")
    answer = ask(empty, "/Tag", limit=3)
    assert answer.status_code == 302
    location = urlsplit(answer.headers["Location"])
    assert (location.hostname, location.path, location.query) == ("localhost", "/api/v1/Tag", "limit=3")
    requests.get(answer.headers["Location"], timeout=5)
    assert [entry.headers["Host"].split(":")[0] for entry in empty.log] == ["127.0.0.1", "localhost"]


def test_an_unknown_fault_is_refused(empty: Sandbox) -> None:
    with pytest.raises(ValueError, match="there is no fault earthquake: there are status, html"):
        empty.fail("earthquake")


def test_another_process_can_steer_everything(empty: Sandbox, ask: Ask) -> None:
    base = empty.url.replace("/api/v1", "/_sandbox")

    def steer(method: str, where: str, **data: object) -> object:
        answer = requests.request(method, f"{base}/{where}", data=json.dumps(data), timeout=5)
        return answer.json() if answer.status_code == 200 else answer.json()["error"]

    steer("PUT", "clock", now="2026-07-01T00:00:00+00:00")
    steer("PUT", "clock", advance={"hours": 2})
    assert steer("GET", "clock") == {"now": "2026-07-01T02:00:00+00:00"}
    steer("PUT", "switches", total="int")
    assert empty.switches.total == "int"
    steer("POST", "books/Tag", id="5", name="Messe")
    assert [row["name"] for row in steer("GET", "books/Tag")] == ["Messe"]  # type: ignore[attr-defined]
    steer("DELETE", "books/Tag/5")
    assert empty.books.rows("Tag") == []
    steer("POST", "faults", status=503, path="/Tag")
    assert ask(empty, "/Tag").status_code == 503
    assert len(steer("GET", "faults")) == len(steer("GET", "log")) == 1  # type: ignore[arg-type]
    steer("DELETE", "faults")
    steer("DELETE", "log")
    assert steer("GET", "faults") == steer("GET", "log") == []
    assert (
        steer("PUT", "switches", total="big")
        == "big is no value of switch total: it takes string, int, absent"
    )
    assert steer("GET", "nonsense") == "there is no GET /_sandbox/nonsense"
