"""A server on loopback in place of the ECB, and a run of the installed tap against it."""

import io
import json
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

TAP = Path(sys.executable).with_name("tap-ecb")

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Run:
    """What a run of the tap wrote, and how it ended."""

    code: int
    messages: list[dict[str, Any]]
    log: str

    @property
    def records(self) -> list[tuple[str, str, str]]:
        found = [message["record"] for message in self.messages if message["type"] == "RECORD"]
        return [(record["rate_date"], record["currency"], record["rate"]) for record in found]

    @property
    def state(self) -> dict[str, Any]:
        return next(dict(m["value"]) for m in reversed(self.messages) if m["type"] == "STATE")


def run_tap(
    folder: Path,
    url: str,
    state: dict[str, Any] | None = None,
    catalog: dict[str, Any] | None = None,
    **settings: str,
) -> Run:
    """Run the tap's command as Meltano does, with files in `folder` and no variable but those of coverage."""
    arguments: list[str | Path] = []
    files = {"config": {"url": url, **settings}, "state": state, "catalog": catalog}
    for name, content in files.items():
        if content is not None:
            (folder / f"{name}.json").write_text(json.dumps(content))
            arguments += [f"--{name}", folder / f"{name}.json"]
    env = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
    command = [TAP, *arguments]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=120)
    return Run(done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr)


@contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """Answer each request with `answer`; yields the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/eurofxref-hist.zip"
    finally:
        server.shutdown()
        server.server_close()


def sends(body: bytes, status: int = 200, **headers: str) -> Answer:
    """Return an answer that sends this body."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(body)

    return answer


def csv_of(*rows: str, header: str = "Date,USD,CHF,") -> bytes:
    """Return a history in the ECB's form."""
    return "\n".join([header, *rows, ""]).encode()


def zipped(content: bytes, name: str = "eurofxref-hist.csv") -> bytes:
    """Pack a file as the ECB does."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return packed.getvalue()
