"""Faults by script: which request goes wrong, and how."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime

from sevdesk_sandbox.api import Answer, failure

# kind: status of its answer when none is given, and what happens.
FAULTS: dict[str, tuple[int, str]] = {
    "status": (500, "an answer with this status and sevDesk's error envelope"),
    "html": (502, "an HTML page with this status (`status=200` for a page in place of data)"),
    "envelope": (200, "an error envelope (code 390) under a good status"),
    "invalid": (200, "JSON that breaks off, with a matching Content-Length"),
    "empty": (200, "no body at all"),
    "redirect": (302, "a redirect to `location`: this server by another host name, unless given"),
    "truncated": (200, "the right answer, but the connection ends half-way through the body"),
    "reset": (0, "the connection is reset without an answer"),
    "slow": (200, "the right answer, after `seconds`"),
    "trickle": (200, "the right answer, one byte every `seconds`"),
}


@dataclass
class Fault:
    """A scripted fault: strikes the `nth` request whose path fits and `times - 1` after it (0: all after it).

    `path` is an endpoint such as `/Invoice`, single records below it included; empty means any. `retry_after`
    (seconds) adds that header, as an HTTP date if `as_date`. `seen` and `hits` count the requests that fitted
    and those that were struck.
    """

    kind: str = "status"
    path: str = ""
    nth: int = 1
    times: int = 1
    status: int | None = None
    retry_after: int | None = None
    as_date: bool = False
    seconds: float = 1.0
    location: str = ""
    seen: int = 0
    hits: int = 0

    def __post_init__(self) -> None:
        """Check the kind."""
        if self.kind not in FAULTS:
            raise ValueError(f"there is no fault {self.kind}: there are {', '.join(FAULTS)}")

    def fits(self, path: str) -> bool:
        """Say whether a request is one of those it counts."""
        return not self.path or path == self.path or path.startswith(f"{self.path}/")

    def disturb(self, answer: Answer, now: datetime, elsewhere: str) -> Answer:
        """Turn the right answer into the wrong one; what concerns the connection is left to the server."""
        status = self.status or FAULTS[self.kind][0]
        headers = []
        if self.retry_after is not None:
            moment = format_datetime(now + timedelta(seconds=self.retry_after), usegmt=True)
            headers.append(("Retry-After", moment if self.as_date else str(self.retry_after)))
        if self.kind in {"truncated", "reset", "slow", "trickle"}:
            return answer
        if self.kind == "html":
            wrong = Answer(
                status, f"<html><body><h1>{status}</h1></body></html>".encode(), "text/html; charset=utf-8"
            )
        elif self.kind == "invalid":
            wrong = Answer(status, answer.body[: len(answer.body) // 2])
        elif self.kind == "empty":
            wrong = Answer(status)
        elif self.kind == "redirect":
            wrong = Answer(status)
            headers.append(("Location", self.location or elsewhere))
        else:
            wrong = failure(status)
        return replace(wrong, headers=headers)


class Script:
    """The faults of one sandbox."""

    def __init__(self) -> None:
        """Begin without any."""
        self.faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> Fault:
        """Script a fault; it counts requests from now on."""
        with self._lock:
            self.faults.append(fault)
        return fault

    def clear(self) -> None:
        """Forget all faults."""
        with self._lock:
            self.faults.clear()

    def strike(self, path: str) -> Fault | None:
        """Count a request; returns the fault that strikes it, the first scripted one if there are several."""
        struck = None
        with self._lock:
            for fault in self.faults:
                if not fault.fits(path):
                    continue
                fault.seen += 1
                after = fault.seen - fault.nth
                if struck is None and after >= 0 and (fault.times == 0 or after < fault.times):
                    fault.hits += 1
                    struck = fault
        return struck
