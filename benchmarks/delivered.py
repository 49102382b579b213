"""Which records a client delivered: reads its output from stdin, prints how many and how many different.

A program of its own, as the ids of a million records would make the benchmark larger than what it measures.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.clients import Bench, Client, variables
from benchmarks.environments import ROOT
from benchmarks.server import Server


@dataclass(frozen=True)
class Delivered:
    """How many records came, how many different ids they bear, and a digest of those in order."""

    records: int
    distinct: int
    digest: str


class WrongError(Exception):
    """A client did not deliver each record once."""


def check(bench: Bench, clients: Iterable[Client], server: Server) -> None:
    """Let each client read once, unmeasured, and compare what it delivered with all others.

    Raises:
        WrongError: unless each delivered what the server counts, each id once, all the same ids.

    """
    seen: dict[str, Delivered] = {}
    for client in clients:
        print(f"  checking {client.name}", file=sys.stderr, flush=True)
        output = bench.folder / "output.txt"
        bench.read(client, server, stdout=output)
        if client.shown:
            place = bench.place(client, server)
            with output.open("wb") as sink:
                subprocess.run(  # noqa: S603
                    client.shown(place), check=True, stdout=sink, env=variables(client, place)
                )
        seen[client.name] = _count(output)
        output.unlink()
    for name, found in seen.items():
        if not found.records == found.distinct == server.invoices or len(set(seen.values())) > 1:
            raise WrongError(f"{name} delivered {found}, the server counts {server.invoices}: {seen}")


def _count(output: Path) -> Delivered:
    with output.open("rb") as source:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.delivered"],
            check=True,
            cwd=ROOT,
            stdin=source,
            stdout=subprocess.PIPE,
        )
    return Delivered(**json.loads(done.stdout))


def _ids(line: str) -> Iterator[str]:
    """Yield the ids of a line: a Singer or Airbyte message, a bare record, or a list of those."""
    content: Any = json.loads(line)
    for message in content if isinstance(content, list) else [content]:
        if message.get("type", "RECORD") == "RECORD":
            record = message.get("record", message)
            yield record.get("data", record)["id"]


if __name__ == "__main__":
    found = [key for line in sys.stdin for key in _ids(line)]
    digest = hashlib.sha256("\n".join(sorted(found)).encode()).hexdigest()
    print(json.dumps(asdict(Delivered(len(found), len(set(found)), digest))))
