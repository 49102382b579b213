"""Dagster's web interface does what its own pages ask, and nothing that another page sends from a browser."""

import asyncio
import http.client
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

import dagster as dg
import pytest
import uvicorn
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import EmptyWorkspaceTarget
from starlette.types import Message, Receive, Scope, Send
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from orchestration.environment import ROOT
from orchestration.ui.__main__ import application
from orchestration.ui.guard import Guard
from tests.helpers.alert_servers import free_port

PROXY = "dagster.example.com"
MUTATION = 'mutation { deleteRun(runId: "%s") { __typename } }'


@dg.job
def hourly() -> None:
    """Do nothing."""


@dataclass
class Answer:
    status: int
    framed_by: str
    text: str


@dataclass
class Interface:
    """The web interface on a port of this machine, and a run in its history that a mutation can delete."""

    port: int
    instance: dg.DagsterInstance
    run_id: str

    @property
    def own(self) -> str:
        return f"127.0.0.1:{self.port}"

    def mutation(self) -> dict[str, str]:
        return {"query": MUTATION % self.run_id}

    def send(self, method: str, path: str, body: str = "", **fields: str) -> Answer:
        """Send it; `fields` are headers, PORT in them is this interface's port."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {
            name.replace("_", "-"): text.replace("PORT", str(self.port)) for name, text in fields.items()
        }
        connection.request(method, path, body, headers)
        got = connection.getresponse()
        answer = Answer(got.status, got.headers["X-Frame-Options"], got.read().decode())
        connection.close()
        return answer

    def has_the_run(self) -> bool:
        return self.instance.get_run_by_id(self.run_id) is not None

    def subscribes(self, host: str, origin: str) -> bool:
        """Return whether a websocket is opened, as the pages do to follow a run."""
        try:
            with connect(
                f"ws://{host}/graphql",
                origin=Origin(origin),
                subprotocols=[Subprotocol("graphql-ws")],
                sock=socket.create_connection(("127.0.0.1", self.port)),
            ) as opened:
                opened.send('{"type": "connection_init"}')
                return bool(json.loads(opened.recv())["type"] == "connection_ack")
        except InvalidStatus:
            return False


@pytest.fixture(scope="module")
def interface(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Interface]:
    home = tmp_path_factory.mktemp("home")
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    port = free_port()
    with (
        dg.DagsterInstance.from_config(str(home)) as instance,
        WorkspaceProcessContext(instance, EmptyWorkspaceTarget()) as context,
    ):
        app = application(context, port, f"https://{PROXY}")
        server = uvicorn.Server(uvicorn.Config(app, port=port, lifespan="off", log_level="warning"))
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            threading.Event().wait(0.02)
        run_id = instance.create_run_for_job(hourly, status=dg.DagsterRunStatus.SUCCESS).run_id
        yield Interface(port, instance, run_id)
        server.should_exit = True
        thread.join()


JSON = "application/json"


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "OPTIONS"])
@pytest.mark.parametrize("path", ["/graphql", "/graphql/", "/%67raphql"])
@pytest.mark.parametrize("accept", ["*/*", "text/html"])
def test_no_address_is_a_mutation(interface: Interface, method: str, path: str, accept: str) -> None:
    query = f"{path}?query={quote(interface.mutation()['query'])}"
    assert interface.send(method, query, accept=accept).status == 405
    assert interface.has_the_run()


@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-www-form-urlencoded",
        "text/plain",
        "text/plain; application/json",
        "application/graphql",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/graphql", "/report_asset_materialization/report"])
def test_no_form_is_obeyed(interface: Interface, content_type: str, path: str) -> None:
    query = f"{path}?query={quote(interface.mutation()['query'])}"
    answer = interface.send("POST", query, json.dumps(interface.mutation()), content_type=content_type)
    assert answer.status == 415
    assert interface.has_the_run()


FOREIGN_ORIGINS = [
    *("https://evil.example", "null", "", "http://127.0.0.1:PORT.evil.example", "http://127.0.0.1"),
    *("https://127.0.0.1:PORT", "http://localhost:PORT", f"https://{PROXY}", "http://127.0.0.1:1"),
]


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
def test_no_other_page_is_answered(interface: Interface, origin: str) -> None:
    mutation = json.dumps(interface.mutation())
    answer = interface.send("POST", "/graphql", mutation, content_type=JSON, origin=origin)
    assert answer.status == 403
    assert interface.has_the_run()
    assert not interface.subscribes(interface.own, origin.replace("PORT", str(interface.port)))


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:PORT",
        "127.0.0.1",
        "127.0.0.1:1",
        f"{PROXY}:PORT",
        "",
        "127.0.0.1:PORT@x",
    ],
)
def test_under_another_name_nothing_is_answered(interface: Interface, host: str) -> None:
    mutation = json.dumps(interface.mutation())
    for path in ("/", "/graphql"):
        assert interface.send("POST", path, mutation, content_type=JSON, host=host).status == 421
    assert interface.has_the_run()


def test_no_websocket_is_opened_under_another_name(interface: Interface) -> None:
    assert not interface.subscribes("evil.example", "http://evil.example")


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("127.0.0.1:PORT", "http://127.0.0.1:PORT"),
        ("LOCALHOST:PORT", "http://localhost:PORT"),
        (PROXY, f"https://{PROXY}"),
    ],
)
def test_its_own_pages_work_here_and_behind_the_proxy(interface: Interface, host: str, origin: str) -> None:
    page = interface.send("GET", "/", host=host)
    assert (page.status, page.framed_by) == (200, "SAMEORIGIN")
    query = json.dumps({"query": "{ version }"})
    asked = {"host": host, "origin": origin}
    assert interface.send("POST", "/graphql", query, content_type=JSON, **asked).status == 200
    port = str(interface.port)
    assert interface.subscribes(host.replace("PORT", port), origin.replace("PORT", port))


@pytest.mark.parametrize(
    "address", ["http://[::1]:3000", "https://[2001:db8::1]", "https://[2001:DB8::1]:443"]
)
def test_its_address_may_be_a_number_of_ipv6(address: str) -> None:
    """Browsers name it in brackets."""
    host = address.lower().partition("//")[2].removesuffix(":443")
    passed: list[Scope] = []

    async def pages(scope: Scope, _receive: Receive, _send: Send) -> None:
        passed.append(scope)

    async def nothing_comes() -> Message:
        return {}

    async def send(_message: Message) -> None:
        """Drop it."""

    asked = {"type": "http", "method": "GET", "path": "/", "headers": [(b"host", host.encode())]}
    asyncio.run(Guard(pages, [address])(asked, nothing_comes, send))
    assert passed == [asked]


def test_a_program_that_sends_no_origin_is_answered(interface: Interface) -> None:
    assert interface.send("GET", "/server_info").status == 200
    run_id = interface.instance.create_run_for_job(hourly, status=dg.DagsterRunStatus.SUCCESS).run_id
    body = json.dumps({"query": MUTATION % run_id})
    assert interface.send("POST", "/graphql", body, content_type=f"{JSON}; charset=utf-8").status == 200
    assert interface.instance.get_run_by_id(run_id) is None, "the mutation is a real one"


def test_the_refusals_that_the_readme_quotes_are_given(interface: Interface) -> None:
    quoted = (ROOT / "deploy" / "README.md").read_text()
    by_get = interface.send("GET", "/graphql?query=mutation", host=PROXY)
    of_others = interface.send(
        "POST", "/graphql", "{}", content_type=JSON, host=PROXY, origin="https://evil.example"
    )
    for refusal in (by_get, of_others):
        assert f"\n    {refusal.text}" in quoted
