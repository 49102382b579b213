"""The HTTP client: what is repeated, what is not, how long it waits, and what it never tells."""

import contextlib
import re
import socket
import threading
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

import pytest
import requests
import responses

from tap_sevdesk.account import ask
from tap_sevdesk.answer import Answer
from tap_sevdesk.client import ATTEMPTS, MOST_PARTS, PATIENCE, Client, Tally
from tap_sevdesk.errors import GoneError, RefusedError, RunError, StreamError
from tap_sevdesk.rows import with_fields

TOKEN = "0123456789abcdef0123456789abcdef"
URL = "https://sevdesk.test/api/v1"
DATE = "Tue, 30 Jun 2026 12:00:00 GMT"
GOOD = {"json": {"objects": []}, "headers": {"Date": DATE}}


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Do not sleep; remember for how long one would have."""
    waits: list[float] = []
    monkeypatch.setattr("tap_sevdesk.client.sleep", waits.append)
    return waits


@pytest.fixture
def server() -> Any:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def client(**options: Any) -> Client:
    return Client(
        **{"api_url": URL, "token": TOKEN, "user_agent": "test", "requests_per_second": 0, **options}
    )


def get(it: Client, tally: Tally | None = None) -> Answer:
    return it.get("/Invoice", [("limit", "5")], tally or Tally())


def answered_before(server: Any, **options: Any) -> Client:
    """Return a client that has had a good answer: from then on failures concern one stream only."""
    it = client(**options)
    server.get(f"{URL}/Tag", **GOOD)
    it.get("/Tag", (), Tally())
    return it


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


def test_tls_is_verified_and_redirects_are_not_followed(server: Any) -> None:
    server.get(f"{URL}/Invoice", status=302, headers={"Location": "https://elsewhere.test/api/v1/Invoice"})
    with pytest.raises(StreamError, match="redirects elsewhere"):
        get(answered_before(server))
    assert [call.request.url.split("?")[0] for call in server.calls] == [f"{URL}/Tag", f"{URL}/Invoice"]
    assert server.calls[1].request.req_kwargs["verify"] is not False


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


@pytest.mark.parametrize(
    "after", ["soon", "-5", "", "Tue, 99 Foo 2026", "²", "Fri, 31 Dec 9999 23:59:59 -0100"]
)
def test_an_unreadable_retry_after_is_as_good_as_none(server: Any, slept: list[float], after: str) -> None:
    server.get(f"{URL}/Invoice", status=503, headers={"Retry-After": after})
    server.get(f"{URL}/Invoice", **GOOD)
    get(answered_before(server))
    assert 0 < slept[0] < 1


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


@pytest.mark.usefixtures("slept")
def test_an_address_where_nobody_listens_ends_the_run_in_a_sentence() -> None:
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        with pytest.raises(RunError, match="the connection failed"):
            get(client(api_url=f"http://127.0.0.1:{port.getsockname()[1]}/api/v1"))


@pytest.mark.parametrize("date", ["Fri, 31 Dec 9999 23:59:59 -0100", "soon"])
def test_a_time_that_no_calendar_has_is_as_good_as_none(server: Any, date: str) -> None:
    server.get(f"{URL}/Invoice", json={"objects": []}, headers={"Date": date})
    assert abs(get(client()).as_of - datetime.now(timezone.utc)) < timedelta(minutes=1)


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


def test_the_token_is_not_in_what_a_client_shows_of_itself() -> None:
    assert TOKEN not in repr(client())


def test_a_server_without_a_valid_certificate_gets_no_token(slept: list[float]) -> None:
    heard = b""

    def serve(listening: socket.socket) -> None:
        nonlocal heard
        connection, _ = listening.accept()
        with connection:
            heard = connection.recv(10_000)
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,), daemon=True)
        thread.start()
        with pytest.raises(RunError, match="No secure connection"):
            get(client(api_url=f"https://127.0.0.1:{listening.getsockname()[1]}/api/v1"))
        thread.join()
    assert TOKEN.encode() not in heard
    assert slept == []


def test_the_length_of_a_body_is_checked(slept: list[float]) -> None:
    """A server that ends the connection half-way is noticed even when what came is good JSON."""

    def serve(listening: socket.socket) -> None:
        for body in (b'{"objects": []}   ', b'{"objects": []}'):
            connection, _ = listening.accept()
            with connection:
                connection.recv(10_000)
                connection.sendall(
                    b"HTTP/1.1 200 OK\r\nContent-Length: 18\r\nConnection: close\r\n\r\n" + body[:15]
                )
                if len(body) < 18:
                    connection.sendall(b"   ")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, args=(listening,), daemon=True).start()
        tally = Tally()
        it = client(api_url=f"http://127.0.0.1:{listening.getsockname()[1]}/api/v1")
        assert get(it, tally).objects == []
        assert tally.retries == len(slept) == 1


@pytest.mark.parametrize("part", ["head", "body"])
def test_an_answer_that_trickles_has_no_more_time_than_any_other(slept: list[float], part: str) -> None:
    """A timeout that begins anew with each byte would let a byte a second hold a run for days."""
    ended = threading.Event()

    def serve(listening: socket.socket) -> None:
        while not ended.is_set():
            connection, _ = listening.accept()
            with connection:
                connection.recv(10_000)
                if part == "body":
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
                with contextlib.suppress(OSError):
                    while not ended.wait(0.1):
                        connection.sendall(b"H" if part == "head" else b" ")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        for _ in range(ATTEMPTS):
            threading.Thread(target=serve, args=(listening,), daemon=True).start()
        it = client(api_url=f"http://127.0.0.1:{listening.getsockname()[1]}/api/v1", timeout=0.3)
        try:
            with pytest.raises(RunError, match=rf"no complete answer within 0.3 seconds, {ATTEMPTS} times"):
                get(it)
        finally:
            ended.set()
    assert len(slept) == ATTEMPTS - 1


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
