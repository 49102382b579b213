"""A sevDesk on loopback, for as long as a `with` block runs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from sevdesk_sandbox.api import Answer, respond, unauthorized
from sevdesk_sandbox.books import Books
from sevdesk_sandbox.clock import Clock, Moment
from sevdesk_sandbox.drift import drift
from sevdesk_sandbox.faults import Fault, Script
from sevdesk_sandbox.server import API, Request, Server
from sevdesk_sandbox.switches import Switches

if TYPE_CHECKING:
    from types import TracebackType


class Sandbox:
    """A sevDesk with a made-up firm: `with Sandbox(now="2026-06-30T12:00:00+00:00") as it:` serves it."""

    def __init__(
        self,
        *,
        seed: int = 1,
        now: Moment | None = None,
        token: str | None = None,
        size: int = 0,
        firm: bool = True,
        odd: bool = False,
        port: int = 0,
        **switches: object,
    ) -> None:
        """Take a port and open the books.

        Args:
            seed: which firm.
            now: ISO time with offset at which the clock stands; None follows the real time.
            token: what `Authorization` must hold; None makes one of 32 hexadecimal digits from the seed.
            size: how many plain invoices the firm has beside its own, all from its first year.
            firm: False opens empty books.
            odd: True gives the firm its odd documents (`odd.py`), as the command line does.
            port: on 127.0.0.1; 0 takes a free one.
            **switches: see README.md.

        Raises:
            ValueError: for a bad time, switch or value.
            OSError: when the port is in use.

        """
        self.clock = Clock(now)
        self.switches = Switches(**switches)
        if size and not firm:
            raise ValueError("size asks for more invoices of the firm: leave firm=False out")
        life = None
        if firm:
            from sevdesk_sandbox.life import Life  # noqa: PLC0415 - Faker costs time that empty books save

            life = Life(seed, size, odd=odd)
        self.books = Books(self.clock, self.switches, life)
        self.token = token or hashlib.sha256(f"sandbox {seed}".encode()).hexdigest()[:32]
        self.log: list[Request] = []
        self.script = Script()
        self._callbacks: list[Callable[[Request], object]] = []
        self._server = Server(self, port)
        self.url = f"http://127.0.0.1:{self._server.server_port}{API}"

    def start(self) -> None:
        """Begin to serve."""
        self._server.start()

    def stop(self) -> None:
        """Stop serving and cut all connections."""
        self._server.stop()

    def __enter__(self) -> Sandbox:
        """Begin to serve."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop serving."""
        self.stop()

    def fail(self, kind: str = "status", **details: Any) -> Fault:  # noqa: ANN401 - the fields of Fault
        """Script a fault, as in `fail(path="/Invoice", nth=3, status=429)`; fields as in `Fault`."""
        return self.script.add(Fault(kind, **details))

    def on_request(self, callback: Callable[[Request], object]) -> None:
        """Call back with each request before it is answered, to change the books between two pages."""
        self._callbacks.append(callback)

    def handle(self, request: Request, elsewhere: str) -> tuple[Answer, Fault | None]:
        """Log and answer a request; `elsewhere` is its address under another host name, for redirects."""
        self.log.append(request)
        for callback in self._callbacks:
            callback(request)
        fault = self.script.strike(request.path)
        if request.authorized:
            answer = respond(self.books, self.switches, request.method, request.path, request.params)
        else:
            answer = unauthorized(self.switches.body_401)
        if fault:
            answer = fault.disturb(answer, self.clock.now, elsewhere)
            request.fault = fault.kind
        if self.clock.is_set:
            now = format_datetime(self.clock.now.replace(microsecond=0), usegmt=True)
            answer.headers.append(("Simulated-Now", now))
        request.status = 0 if fault and fault.kind == "reset" else answer.status
        request.ids = [] if fault and fault.kind in {"reset", "truncated"} else answer.ids
        if self.switches.drift != "none" and len(answer.ids) > 1:
            drift(self.books, request.path.strip("/").split("/")[0], self.switches.drift, len(self.log))
        return answer, fault
