"""The HTTP side: one thread per connection, keep-alive, on 127.0.0.1 only."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import format_datetime
from http.client import responses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from sevdesk_sandbox.api import Answer
from sevdesk_sandbox.control import control

if TYPE_CHECKING:
    from sevdesk_sandbox.sandbox import Sandbox

API = "/api/v1"
CONTROL = "/_sandbox/"


@dataclass
class Request:
    """A request as the log keeps it; `path` begins after /api/v1, `arrived` is `time.monotonic()`.

    The token is not kept, only whether it was right (`authorized`). `status` is 0 until there is an answer
    and for a connection that was reset. `fault` is the kind of the fault that struck it.
    """

    method: str
    path: str
    params: list[tuple[str, str]]
    headers: dict[str, str]
    authorized: bool
    arrived: float
    status: int = 0
    ids: list[str] = field(default_factory=list)
    fault: str | None = None


class Server(ThreadingHTTPServer):
    """Listens, and on closing cuts the connections that clients keep alive."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, sandbox: Sandbox, port: int) -> None:
        """Take the port; 0 takes a free one.

        Raises:
            OSError: when the port is in use.

        """
        super().__init__(("127.0.0.1", port), Handler)
        self.sandbox = sandbox
        self.connections: set[socket.socket] = set()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """End: nothing is answered any more."""
        if self._thread.is_alive():
            self.shutdown()
        self.server_close()
        for connection in list(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(
        self, request: socket.socket | tuple[bytes, socket.socket], client_address: object
    ) -> None:
        """Say nothing of clients that hang up; anything else is a bug of the sandbox and shown."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def setup(self) -> None:
        """Remember the connection."""
        super().setup()
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        """Forget the connection."""
        self.server.connections.discard(self.connection)
        super().finish()

    def handle_any(self) -> None:
        """Answer one request of any method."""
        sandbox = self.server.sandbox
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        params = parse_qsl(url.query, keep_blank_values=True)
        if url.path.startswith(CONTROL):
            self._send(control(sandbox, self.command, url.path.removeprefix(CONTROL), body))
            return
        if not url.path.startswith(f"{API}/"):
            self._send(Answer(404, b"<html><body><h1>404</h1></body></html>", "text/html; charset=utf-8"))
            return
        request = Request(
            method=self.command,
            path=url.path.removeprefix(API),
            params=params,
            headers={
                name: self.headers[name] for name in ("Host", "User-Agent", "Accept") if name in self.headers
            },
            authorized=self.headers.get("Authorization") == sandbox.token,
            arrived=time.monotonic(),
        )
        answer, fault = sandbox.handle(request, f"http://localhost:{self.server.server_port}{self.path}")
        time.sleep(
            int(sandbox.switches.latency_ms) / 1000 + (fault.seconds if fault and fault.kind == "slow" else 0)
        )
        if fault and fault.kind == "reset":
            self._reset()
        else:
            cut = bool(fault and fault.kind == "truncated")
            self._send(answer, cut=cut, pause=fault.seconds if fault and fault.kind == "trickle" else 0)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = handle_any  # noqa: N815

    def _send(self, answer: Answer, *, cut: bool = False, pause: float = 0) -> None:
        """Write head and body at once: two small packets would cost a delayed acknowledgement.

        `pause` (seconds) before each byte makes it the slowest of answers.
        """
        head = [
            f"HTTP/1.1 {answer.status} {responses.get(answer.status, 'Unknown')}",
            *self._date(),
            f"Content-Type: {answer.content_type}",
            f"Content-Length: {len(answer.body)}",
            *(f"{name}: {text}" for name, text in answer.headers),
        ]
        body = b"" if self.command == "HEAD" else answer.body
        if cut:
            body = body[: len(body) // 2]
            self.close_connection = True
        everything = "\r\n".join([*head, "", ""]).encode("latin-1") + body
        if not pause:
            self.wfile.write(everything)
            return
        for start in range(len(everything)):
            time.sleep(pause)
            self.wfile.write(everything[start : start + 1])

    def _date(self) -> list[str]:
        """Write the header `Date` as the switches say."""
        switches, now = self.server.sandbox.switches, self.server.sandbox.clock.now
        if switches.date == "absent":
            return []
        if switches.date == "unreadable":
            return ["Date: yesterday"]
        now = now.replace(microsecond=0) + timedelta(seconds=int(switches.clock_skew_s))
        return [f"Date: {format_datetime(now, usegmt=True)}"]

    def _reset(self) -> None:
        """End the connection with RST instead of FIN."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Stay silent: the log is `Sandbox.log`."""
