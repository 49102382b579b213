"""Run the tap in this process and look at what it wrote."""

import io
import json
import sys
from collections.abc import Iterable
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from typing import Any

import hypothesis
from sevdesk_sandbox import Sandbox
from sevdesk_sandbox.server import Request

from tap_sevdesk.errors import TapError
from tap_sevdesk.tap import TapSevDesk

SAME_EACH_TIME = hypothesis.settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
"""For hypothesis: no luck and no clock decides whether a test passes."""

PREFLIGHT = ("/SevUser", "1")
"""Path and limit of the first request of a run, which asks whose token it is and what time it is."""


def asked_by_streams(sandbox: Sandbox) -> list[Request]:
    """Return the requests of a sandbox's log but for those that come before the first stream."""
    return [it for it in sandbox.log if (it.path, dict(it.params).get("limit")) != PREFLIGHT]


NOON = "2026-06-30T12:00:00+00:00"
A_YEAR_IN = "2025-06-30T12:00:00+00:00"
"""When the made-up firm has documents of each kind and lists of several pages, at a third of NOON's rows."""


def put_position(sandbox: Sandbox, key: str, invoice: str, **fields: object) -> None:
    """Save a position of an invoice."""
    reference = {"id": invoice, "objectName": "Invoice"}
    sandbox.books.put("InvoicePos", {"id": key, "invoice": reference, **fields})


def put_one_of_each(sandbox: Sandbox) -> None:
    """Save an invoice with a position, a product and a tag; a minute passes."""
    sandbox.books.put("Invoice", {"id": "1", "paidAmount": 0})
    put_position(sandbox, "10", "1")
    sandbox.books.put("Part", {"id": "1", "name": "Fackel"})
    sandbox.books.put("Tag", {"id": "1", "name": "eilig"})
    sandbox.clock.advance(minutes=1)


@dataclass
class Outcome:
    """The messages of one run, and the error it ended with."""

    messages: list[dict[str, Any]]
    error: TapError | None = None
    tap: TapSevDesk | None = field(default=None, repr=False)

    @property
    def kinds(self) -> set[str]:
        return {message["type"] for message in self.messages}

    def records(self, stream: str) -> list[dict[str, Any]]:
        return [m["record"] for m in self.messages if m["type"] == "RECORD" and m["stream"] == stream]

    def ids(self, stream: str) -> list[str]:
        return [record["id"] for record in self.records(stream)]

    def schema(self, stream: str) -> dict[str, Any]:
        return next(m["schema"] for m in self.messages if m["type"] == "SCHEMA" and m["stream"] == stream)

    @property
    def state(self) -> dict[str, Any]:
        return next((m["value"] for m in reversed(self.messages) if m["type"] == "STATE"), {})

    @property
    def first_edition(self) -> dict[str, Any]:
        """The state as version 0.1 wrote it, which did not know what was emitted last."""
        known = ("replication_key", "replication_key_value", "total")
        return {
            "bookmarks": {
                name: {key: entry[key] for key in known if key in entry}
                for name, entry in self.state.get("bookmarks", {}).items()
            }
        }

    def bookmark(self, stream: str) -> str | None:
        value: str | None = self.state.get("bookmarks", {}).get(stream, {}).get("replication_key_value")
        return value

    def audit(self, stream: str) -> dict[str, Any]:
        (row,) = [row for row in self.records("extractions") if row["stream"] == stream]
        return row


def config_for(sandbox: Sandbox, **settings: object) -> dict[str, Any]:
    """Return settings that point to a sandbox, without a pace."""
    return {"api_token": sandbox.token, "api_url": sandbox.url, "requests_per_second": 0, **settings}


def parse(lines: Iterable[str]) -> list[dict[str, Any]]:
    """Decode messages; the last one may be cut off when the tap was killed."""
    return [json.loads(line) for line in lines if line.endswith("\n")]


def run_tap(
    sandbox: Sandbox,
    *streams: str,
    state: dict[str, Any] | None = None,
    catalog: dict[str, Any] | None = None,
    audited: object = True,
    **settings: object,
) -> Outcome:
    """Run the tap over the streams named (or all, or what the catalog selects) and the audit trail."""
    tap = TapSevDesk(config=config_for(sandbox, **settings), state=state, catalog=catalog)
    if catalog is None:
        for stream in tap.streams.values():
            stream.selected = not streams or stream.name in {*streams, *(["extractions"] if audited else [])}
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n")
    error = None
    with redirect_stdout(out):
        try:
            tap.sync_all()
        except TapError as caught:
            error = caught
    sys.stdout.flush()
    out.seek(0)
    return Outcome(parse(out), error, tap)
