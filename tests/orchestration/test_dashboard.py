"""The dashboard's files over HTTP: read-only, no listing, only under its own names."""

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn

from orchestration.webhook import limits
from orchestration.webhook.app import config
from orchestration.webhook.settings import Web


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()


@dataclass
class Client:
    """The service on a port of this machine; `host` is what a browser would call it."""

    port: int
    output: Path

    def get(self, path: str, host: str = "127.0.0.1", method: str = "GET") -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(method, path, headers={"Host": f"{host}:{self.port}"})
        answer = connection.getresponse()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        content = answer.read()
        connection.close()
        return Answer(answer.status, headers, content)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    output = tmp_path_factory.mktemp("output")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    server = uvicorn.Server(config(Web("127.0.0.1", port, "https://dashboard.example.com"), None, output))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield Client(port, output)
    server.should_exit = True
    thread.join()


@pytest.fixture(autouse=True)
def output(client: Client) -> Path:
    (client.output / "report.html").write_text("<!doctype html><title>page</title>", encoding="utf-8")
    (client.output / "invoices.xlsx").write_bytes(b"PK\x03\x04book")
    (client.output / "warehouse.duckdb").write_bytes(b"secret")
    return client.output


@pytest.mark.parametrize("path", ["/", "/report.html"])
def test_the_page_is_served_and_asked_for_anew_each_time(client: Client, output: Path, path: str) -> None:
    answer = client.get(path)
    assert answer.status == 200
    assert "<title>page</title>" in answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    (output / "report.html").write_text("new", encoding="utf-8")
    assert client.get(path).text == "new"


def test_the_spreadsheet_is_saved_under_its_name(client: Client) -> None:
    answer = client.get("/invoices.xlsx")
    assert answer.content == b"PK\x03\x04book"
    assert 'filename="invoices.xlsx"' in answer.headers["content-disposition"]
    assert "spreadsheetml" in answer.headers["content-type"]


def test_who_has_a_slow_line_gets_all_of_it(
    client: Client, output: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = 20_000_000  # more than what the system keeps on the way
    (output / "invoices.xlsx").write_bytes(bytes(size))
    monkeypatch.setattr(limits, "CONNECTION_SECONDS", 0.2)
    with socket.create_connection(("127.0.0.1", client.port), timeout=20) as connection:
        connection.sendall(b"GET /invoices.xlsx HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        time.sleep(0.5)
        came = b"".join(iter(lambda: connection.recv(1_000_000), b""))
    assert len(came.partition(b"\r\n\r\n")[2]) == size


@pytest.mark.parametrize(
    "path",
    [
        "/warehouse.duckdb",
        "/output/",
        "/../.env",
        "/%2e%2e/.env",
        "/report.html/..",
        "/webhook",
        "/index.html",
    ],
)
def test_nothing_else_is(client: Client, path: str) -> None:
    assert client.get(path).status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_can_be_changed(client: Client, method: str) -> None:
    assert client.get("/", method=method).status == 405


@pytest.mark.parametrize("host", ["localhost", "dashboard.example.com"])
def test_it_answers_to_its_names(client: Client, host: str) -> None:
    assert client.get("/", host).status == 200


def test_a_page_that_lends_its_name_to_this_machine_gets_nothing(client: Client) -> None:
    answer = client.get("/", "evil.example")
    assert answer.status == 421
    assert "DASHBOARD_URL" in answer.text
    assert "page" not in answer.text


def test_before_the_first_update_it_says_so(client: Client, output: Path) -> None:
    (output / "report.html").unlink()
    answer = client.get("/")
    assert answer.status == 404
    assert answer.text == "There is no dashboard yet: the first update has not come through."


def test_its_health_can_be_asked_for_by_any_name(client: Client) -> None:
    assert client.get("/health", "web").text == '{"status":"ok"}'
