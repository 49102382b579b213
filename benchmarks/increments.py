"""The usual hour: one page of news, and a read that starts from a state."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

from benchmarks.clients import TAP, Bench, Client, Record, tap
from benchmarks.figures import goal, goals, spread, table
from benchmarks.rounds import rounds
from benchmarks.server import Server

KINDS = {"only invoices": ("invoices",), "all streams": ()}


def news(bench: Bench, size: int, count: int) -> str:
    """Read everything, let an hour pass, and measure what reading the news costs."""
    output = bench.folder / "output.txt"
    with Server(size) as server:
        clients = {}
        for kind, streams in KINDS.items():
            bench.read(Client(kind, TAP.environment, tap(streams)), server, stdout=output)
            clients[kind] = Client(kind, TAP.environment, tap(streams, state=_last_state(output)))
        server.control("PUT", "clock", advance={"hours": 1})
        asked = {}
        for kind, client in clients.items():
            server.control("DELETE", "log")
            bench.read(client, server, stdout=output)
            asked[kind] = len(server.control("GET", "log")), _records(output)
        output.unlink()
        costs = rounds({kind: partial(bench.read, each, server) for kind, each in clients.items()}, count)
    rows = [
        [
            kind,
            *(f"{figure:,}" for figure in asked[kind]),
            spread([cost.cpu for cost in measured]),
            spread([cost.wall for cost in measured]),
            spread([cost.memory for cost in measured], 0),
        ]
        for kind, measured in costs.items()
    ]
    reached = [
        goal(f"one page of news, {kind}", [cost.cpu for cost in measured], most=0.6, unit=" s of CPU")
        for kind, measured in costs.items()
    ]
    header = ["an hour later", "requests", "records", "CPU s", "wall s", "peak MB"]
    return f"{table(header, rows)}\n\n{goals(reached)}"


def _last_state(output: Path) -> Record:
    found = None
    with output.open("rb") as lines:
        for line in lines:
            found = line if line.startswith(b'{"type":"STATE"') else found
    state: Record = json.loads(found or b"")["value"]
    return state


def _records(output: Path) -> int:
    with output.open("rb") as lines:
        return sum(line.startswith(b'{"type":"RECORD"') for line in lines)
