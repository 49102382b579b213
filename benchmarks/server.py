"""The sandbox as a process of its own, with a given number of invoices, steered over HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.request import Request, urlopen

from sevdesk_sandbox.switches import AS_DESCRIBED

NOW = "2026-06-30T12:00:00+00:00"  # its clock stands here, so that all rounds read the same
AFTER_ALL = "2026-07-01T00:00:00+00:00"  # nothing was changed since then
RECORDED = "as recorded"
SHAPES = {  # of rows: what live accounts send, what sevDesk's description has, and the worst that JSON allows
    RECORDED: {"unknown_fields": "on"},
    "as described": AS_DESCRIBED,
    "rough": {"rough": "on"},
}
PATIENCE = 600  # seconds for its first answer: a million invoices take their time


class Server:
    """Serves `invoices` invoices, all counted, from a firm whose clock stands at `NOW`."""

    def __init__(self, invoices: int, shape: str = RECORDED) -> None:
        """Name how many, and the shape of their rows, one of `SHAPES`."""
        self.invoices = invoices
        self._switches = SHAPES[shape]
        self._process: subprocess.Popen[str] | None = None
        self.url = self.token = ""

    def __enter__(self) -> Server:
        """Start it, and wait until its books are written."""
        self._start(0)
        own = self.total()
        if self.invoices < own:
            raise ValueError(
                f"The firm alone has {own} invoices: {self.invoices} are too few. Take a larger SIZE."
            )
        self._stop()
        self._start(self.invoices - own)
        if self.total() != self.invoices:
            raise ValueError(f"the sandbox serves {self.total()} invoices instead of {self.invoices}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self._stop()

    def total(self) -> int:
        """Return how many invoices it counts."""
        page = self._ask("GET", f"{self.url}/Invoice?showAll=true&countAll=true&limit=1")
        return int(page["total"])

    def control(self, method: str, path: str, **data: object) -> Any:  # noqa: ANN401 - JSON
        """Steer it, as in `control("PUT", "switches", latency_ms=100)`."""
        return self._ask(method, f"{self.url.removesuffix('/api/v1')}/_sandbox/{path}", data)

    def _start(self, size: int) -> None:
        program = str(Path(sys.executable).parent / "sevdesk-sandbox")
        switches = [f"--switch={name}={value}" for name, value in self._switches.items()]
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [program, "--port", "0", "--now", NOW, "--plain", "--size", str(size), *switches],
            stdout=subprocess.PIPE, text=True, start_new_session=True,
            env={name: text for name, text in os.environ.items() if not name.startswith("SEVDESK_")},
        )  # fmt: skip
        if self._process.stdout is None:
            raise OSError
        lines = [self._process.stdout.readline().strip() for _ in range(3)]
        printed = dict(line.removeprefix("export ").split("=", 1) for line in lines)
        self.url, self.token = printed["SEVDESK_API_URL"], printed["SEVDESK_API_KEY"]

    def _stop(self) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait()
            if self._process.stdout:
                self._process.stdout.close()

    def _ask(self, method: str, url: str, data: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
        body = json.dumps(data).encode() if data else None
        request = Request(url, body, {"Authorization": self.token}, method=method)  # noqa: S310 - loopback
        with urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
            return json.load(answer)
