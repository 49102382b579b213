"""What the client demands of a connection: TLS, one address, whole bodies, and an end."""

import contextlib
import gzip
import socket
import threading
from typing import Any

import pytest
from client_asking import TOKEN, URL, answered_before, client, get

from tap_sevdesk.client import ATTEMPTS, Tally
from tap_sevdesk.errors import RunError, StreamError


def test_tls_is_verified_and_redirects_are_not_followed(server: Any) -> None:
    server.get(f"{URL}/Invoice", status=302, headers={"Location": "https://elsewhere.test/api/v1/Invoice"})
    with pytest.raises(StreamError, match="redirects elsewhere"):
        get(answered_before(server))
    assert [call.request.url.split("?")[0] for call in server.calls] == [f"{URL}/Tag", f"{URL}/Invoice"]
    assert server.calls[1].request.req_kwargs["verify"] is not False


@pytest.mark.usefixtures("slept")
def test_an_address_where_nobody_listens_ends_the_run_in_a_sentence() -> None:
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        with pytest.raises(RunError, match="the connection failed"):
            get(client(api_url=f"http://127.0.0.1:{port.getsockname()[1]}/api/v1"))


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


def test_an_answer_that_fills_the_memory_is_given_up(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few kilobytes may be unpacked to gigabytes; no page of a list is that large."""
    monkeypatch.setattr("tap_sevdesk.client.LARGEST", 1_000_000)
    body = gzip.compress(b'{"objects": [' + b" " * 50_000_000 + b"]}")
    server.get(f"{URL}/Invoice", body=body, headers={"Content-Encoding": "gzip"})
    it = answered_before(server)
    with pytest.raises(StreamError, match="/Invoice: the answer is larger than 1 MB, which no list"):
        get(it)
    assert len(server.calls) == 2
