"""A Slack and a mail server on this machine, which keep what they are sent."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from orchestration.alerts.settings import Mail, Slack


@dataclass
class Box:
    """What has come in, and whether anything is let in."""

    texts: list[str] = field(default_factory=list)
    blocks: list[list[dict[str, Any]]] = field(default_factory=list)
    status: int = 200
    answer: bytes = b"ok"
    takes_blocks: bool = True
    location: str = "/elsewhere"


@contextmanager
def slack_server() -> Iterator[tuple[Slack, Box]]:
    """Serve the address of an incoming webhook, and what has come in by it."""
    box = Box()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            blocks = body.get("blocks", [])
            status = 400 if blocks and not box.takes_blocks else box.status
            if status == 200:
                box.texts.append(body["text"])
                box.blocks.append(blocks)
            self.send_response(status)
            self.send_header("Location", box.location)
            self.end_headers()
            self.wfile.write(box.answer)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield Slack(f"http://127.0.0.1:{server.server_port}/services/T0/B0/sEcReT"), box
        server.shutdown()


class Letters:
    """A mail server's hands: keeps what comes in, refuses an address when told."""

    def __init__(self) -> None:
        self.letters: list[Any] = []
        self.farewell = "221 Bye"

    async def handle_QUIT(self, *_: Any) -> str:  # noqa: N802
        return self.farewell

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.letters.append(envelope)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address.startswith("nobody"):
            return "550 no such user: Erika"
        envelope.rcpt_tos.append(address)
        return "250 OK"


class Server(Controller):
    """A mail server in a thread of its own, which looks at its port in its own way to be sure."""

    def _trigger_server(self) -> None:
        with socket.create_connection((self.hostname, self.port)) as connection:
            if self.ssl_context:
                anyone = ssl._create_unverified_context()
                anyone.wrap_socket(connection).close()


@contextmanager
def mail_server() -> Iterator[tuple[Mail, Letters]]:
    """Serve mail without encryption; the one right password is `right`."""
    letters = Letters()
    server = Server(
        letters,
        hostname="127.0.0.1",
        port=free_port(),
        auth_require_tls=False,
        authenticator=lambda *args: AuthResult(success=args[-1].password == b"right", handled=False),
    )
    server.start()
    to = ("finance@example.com", "boss@example.com")
    yield Mail(to, "pipeline@example.com", "127.0.0.1", server.port, "none", "", ""), letters
    server.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
