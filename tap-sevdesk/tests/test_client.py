"""The HTTP client: what it asks, what of an answer it repeats or refuses, and what it never tells."""

import time
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import requests
from client_asking import DATE, GOOD, TOKEN, URL, answered_before, client, get

from tap_sevdesk.client import ATTEMPTS, MOST_PARTS, Tally
from tap_sevdesk.errors import GoneError, RefusedError, RunError, StreamError
from tap_sevdesk.rows import with_fields


def test_a_request_carries_the_bare_token_and_says_who_asks(server: Any) -> None:
    server.get(f"{URL}/Invoice", **GOOD)
    get(client(user_agent="books by us"))
    sent = server.calls[0].request
    assert sent.headers["Authorization"] == TOKEN
    assert sent.headers["User-Agent"] == "books by us"
    assert (sent.method, sent.url) == ("GET", f"{URL}/Invoice?limit=5")


def test_a_netrc_entry_does_not_replace_the_token(
    server: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine sevdesk.test login somebody password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    server.get(f"{URL}/Invoice", **GOOD)
    get(client())
    assert server.calls[0].request.headers["Authorization"] == TOKEN


@pytest.mark.parametrize(("status", "path"), [(401, "Invoice"), (403, "Tag")])
def test_a_refused_token_ends_everything_and_nothing_more_is_sent(
    server: Any, status: int, path: str
) -> None:
    """It is refused when it is not known, or when it may no longer read what it has read before."""
    it = answered_before(server)
    server.upsert(server.GET, f"{URL}/{path}", status=status, json={"error": {"message": "secret things"}})
    for _ in range(3):
        with pytest.raises(RunError, match=f"{status}") as caught:
            it.get(f"/{path}", (), Tally())
        assert "secret things" not in str(caught.value)
    assert len(server.calls) == 2


@pytest.mark.parametrize("status", [400, 402, 405, 409, 418, 422])
def test_a_refused_request_is_never_repeated(server: Any, slept: list[float], status: int) -> None:
    server.get(f"{URL}/Invoice", status=status, json={"error": {"message": "Müller GmbH owes", "code": 170}})
    with pytest.raises(StreamError, match=rf"\({status} with code 170\)") as caught:
        get(answered_before(server))
    assert "Müller" not in str(caught.value)
    assert (len(server.calls), slept) == (2, [])


@pytest.mark.parametrize(
    ("status", "body"),
    [(404, "<html>"), (404, {"error": {}}), (400, {"error": {"code": "NOT_FOUND"}})],
)
def test_what_does_not_exist_is_recognised(server: Any, status: int, body: Any) -> None:
    server.get(
        f"{URL}/Invoice", status=status, **({"body": body} if isinstance(body, str) else {"json": body})
    )
    with pytest.raises(GoneError):
        get(answered_before(server))


PASSING = {
    "408 of a proxy that closes an idle connection": {"status": 408},
    "425": {"status": 425},
    "429": {"status": 429},
    "500": {"status": 500},
    "502 as a page": {"status": 502, "body": "<html>maintenance</html>"},
    "503": {"status": 503},
    "no answer in time": {"body": requests.exceptions.ReadTimeout("read timed out")},
    "a lost connection": {"body": requests.exceptions.ConnectionError("reset by peer")},
    "a page in place of JSON": {"body": "<html>hello</html>"},
    "half a body": {"body": '{"objects": [{"id"'},
    "an empty body": {"body": ""},
    "a chunk cut off": {"body": requests.exceptions.ChunkedEncodingError("cut")},
    "a body that cannot be unpacked": {"body": requests.exceptions.ContentDecodingError("gzip")},
}


@pytest.mark.parametrize("kind", PASSING)
def test_what_may_pass_is_repeated_until_it_has(server: Any, slept: list[float], kind: str) -> None:
    tally = Tally()
    server.get(f"{URL}/Invoice", **PASSING[kind])
    server.get(f"{URL}/Invoice", **PASSING[kind])
    server.get(f"{URL}/Invoice", **GOOD)
    assert get(answered_before(server), tally).objects == []
    assert (tally.requests, tally.retries, len(slept)) == (3, 2, 2)


@pytest.mark.parametrize("kind", PASSING)
def test_what_does_not_pass_is_given_up_after_a_number_of_times(
    server: Any, slept: list[float], kind: str
) -> None:
    tally = Tally()
    server.get(f"{URL}/Invoice", **PASSING[kind])
    with pytest.raises(StreamError, match=f"{ATTEMPTS} times"):
        get(answered_before(server), tally)
    # and one request asks whether other lists answer
    assert (tally.requests, tally.retries, len(slept)) == (ATTEMPTS + 1, ATTEMPTS - 1, ATTEMPTS - 1)


@pytest.mark.usefixtures("slept")
def test_a_page_that_is_spoilt_in_whatever_part_is_asked_for_in_parts_once(server: Any) -> None:
    server.get(f"{URL}/Invoice", body='{"objects": [{"id": "1"}]} {"objects": []}')
    it = answered_before(server)
    with pytest.raises(StreamError, match=f"the answer was not JSON, {ATTEMPTS} times"):
        it.get("/Invoice", [("limit", "505"), ("offset", "0")], Tally())
    assert len(server.calls) <= 1 + ATTEMPTS + MOST_PARTS + 1


@pytest.mark.parametrize(
    "body",
    [
        {"objects": None, "error": {"message": "Meier", "code": "X_1"}},
        {"error": {"message": "Meier", "code": "X_1"}},
        {"objects": [], "error": {"message": "Meier", "code": "X_1"}},
    ],
)
def test_a_200_that_carries_an_error_is_an_error(server: Any, slept: list[float], body: Any) -> None:
    server.get(f"{URL}/Invoice", json=body)
    with pytest.raises(StreamError, match="with code X_1") as caught:
        get(answered_before(server))
    assert "Meier" not in str(caught.value)
    assert slept == []


@pytest.mark.parametrize("body", ["[]", "7", '{"objects": null}', "{}", '"objects"'])
def test_a_200_without_objects_is_an_error(server: Any, body: str) -> None:
    server.get(f"{URL}/Invoice", body=body)
    with pytest.raises(StreamError):
        get(answered_before(server))


def test_an_error_code_that_could_be_a_text_of_a_customer_is_not_reported(server: Any) -> None:
    server.get(f"{URL}/Invoice", status=400, json={"error": {"code": "invoice of Meier"}})
    with pytest.raises(StreamError, match=r"\(400\)"):
        get(answered_before(server))


@pytest.mark.parametrize("fault", [{"status": 404}, {"status": 500}, {"body": "<html>"}, {"status": 301}])
@pytest.mark.usefixtures("slept")
def test_before_the_first_good_answer_a_failure_ends_the_run(server: Any, fault: dict[str, Any]) -> None:
    server.get(f"{URL}/Invoice", **fault)
    with pytest.raises(RunError, match=f"Nothing came from {URL} yet"):
        get(client())


@pytest.mark.parametrize("date", ["Fri, 31 Dec 9999 23:59:59 -0100", "soon"])
def test_a_time_that_no_calendar_has_is_as_good_as_none(server: Any, date: str) -> None:
    server.get(f"{URL}/Invoice", json={"objects": []}, headers={"Date": date})
    assert abs(get(client()).as_of - datetime.now(timezone.utc)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    "date",
    [
        "Tue, 30 Jun 2026 12:00:00 GMT",
        "Tuesday, 30-Jun-26 12:00:00 GMT",
        "Tue Jun 30 12:00:00 2026",
        "Tue, 30 Jun 2026 12:00:00 -0000",
    ],
)
def test_each_form_of_a_date_is_in_utc_wherever_this_machine_is(
    server: Any, monkeypatch: pytest.MonkeyPatch, date: str
) -> None:
    """HTTP has two old forms beside the usual one, and Python takes what names no zone for local time."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        server.get(f"{URL}/Invoice", json={"objects": []}, headers={"Date": date})
        as_of = get(client()).as_of
    finally:
        monkeypatch.undo()
        time.tzset()
    assert abs(as_of - datetime(2026, 6, 30, 12, tzinfo=timezone.utc)) < timedelta(minutes=1)


def test_a_byte_order_mark_before_the_answer_is_no_part_of_it(server: Any) -> None:
    server.get(f"{URL}/Invoice", body=b'\xef\xbb\xbf{"objects": [], "total": "0"}')
    assert get(client()).total == 0


@pytest.mark.parametrize(
    ("sent", "total"),
    [
        ("157", 157),
        (157, 157),
        (None, None),
        ("many", None),
        pytest.param("9" * 5000, None, id="5,000 digits"),
    ],
)
def test_the_count_is_understood_as_text_and_as_number(server: Any, sent: object, total: int | None) -> None:
    server.get(f"{URL}/Invoice", json={"objects": [], "total": sent})
    assert get(client()).total == total


def test_the_servers_time_is_taken_from_the_moment_of_asking(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = iter([0.0, 0.0, 100.0, 107.5])
    monkeypatch.setattr("tap_sevdesk.client.monotonic", lambda: next(ticks))
    server.get(f"{URL}/Invoice", **GOOD)
    assert get(client()).as_of == datetime(2026, 6, 30, 11, 59, 52, 500000, tzinfo=timezone.utc)


def test_without_a_date_the_own_clock_has_to_do(server: Any) -> None:
    server.get(f"{URL}/Invoice", json={"objects": []})
    assert abs(get(client()).as_of - datetime.now(timezone.utc)) < timedelta(seconds=5)


def test_decimal_numbers_stay_the_text_that_was_sent(server: Any) -> None:
    server.get(f"{URL}/Invoice", body='{"objects": [{"id": 7, "a": 0.10, "b": 12345678901234567890.12}]}')
    sent = get(client()).objects
    assert isinstance(sent, list)
    row = with_fields(sent[0], "")
    assert (row.id, row.content) == ("7", {"id": 7, "a": "0.10", "b": "12345678901234567890.12"})


def test_the_token_is_not_in_what_a_client_shows_of_itself() -> None:
    assert TOKEN not in repr(client())


def test_an_unknown_object_is_recognised_by_its_code_too(server: Any) -> None:
    body = {"objects": None, "error": {"message": "No Model_Invoice", "code": 151, "data": []}}
    server.get(f"{URL}/Invoice", status=404, json=body)
    with pytest.raises(GoneError, match=r"\(404 with code 151\)"):
        get(answered_before(server))


def test_a_code_that_is_null_is_not_reported(server: Any) -> None:
    server.get(f"{URL}/Invoice", status=422, json={"error": {"message": "Meier", "code": None}})
    with pytest.raises(StreamError, match=r"\(422\)"):
        get(answered_before(server))


@pytest.mark.parametrize("status", [403, 404, 400])
def test_one_refused_list_does_not_end_the_others(server: Any, status: int) -> None:
    it = answered_before(server)
    server.get(f"{URL}/Invoice", status=status, json={"error": {"message": "Meier"}})
    with pytest.raises(RefusedError) as caught:
        get(it)
    assert caught.value.status == status
    assert it.get("/Tag", (), Tally()).objects == []


@pytest.mark.parametrize("page", [{"status": 503}, {"body": "<html>"}, {"status": 404}])
@pytest.mark.usefixtures("slept")
def test_an_answer_that_is_not_sevdesks_does_not_set_the_clock(server: Any, page: dict[str, Any]) -> None:
    """A proxy's page has the proxy's date; times that are years ahead would stay so for the whole run."""
    it = answered_before(server)
    server.get(f"{URL}/Invoice", **page, headers={"Date": "Sun, 30 Jun 2030 12:00:00 GMT"})
    with pytest.raises(StreamError):
        get(it)
    assert it.clock.now().year == int(DATE[12:16])
