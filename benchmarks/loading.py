"""The loader alone: what target-duckdb needs for the tap's output."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.clients import TAP, Bench
from benchmarks.figures import goal, goals, spread, table
from benchmarks.measure import CommandError, Cost, run
from benchmarks.rounds import rounds
from benchmarks.server import Server

PROGRAMS = Path(sys.executable).parent
COUNT = """
import duckdb, sys
with duckdb.connect(sys.argv[1], read_only=True) as db:
    print(db.execute(sys.argv[2]).fetchone()[0])
"""


def loader(bench: Bench, size: int, count: int) -> str:
    """Load the tap's output of `size` invoices into a new file, with the settings of meltano.yml."""
    records = bench.folder / "output.txt"
    with Server(size) as server:
        bench.read(TAP, server, stdout=records)

    def load() -> Cost:
        bench.empty()
        folder = bench.folder / "scratch"
        database = folder / "warehouse.duckdb"
        settings = {
            "path": str(database),
            "default_target_schema": "raw",
            "add_record_metadata": True,
            "validate_records": False,
        }
        config = folder / "config.json"
        config.write_text(json.dumps(settings), "utf-8")
        command = [str(PROGRAMS / "target-duckdb"), "--config", str(config)]
        environment = {"HOME": str(folder), "PATH": os.defpath}
        cost = run(command, folder=folder, environment=environment, stdin=records)
        expect(size, database, "raw.invoices")
        return cost

    costs = rounds({"target-duckdb": load}, count)["target-duckdb"]
    records.unlink()
    cpu, peak = [cost.cpu for cost in costs], [cost.memory for cost in costs]
    row = [
        f"target-duckdb, {size:,} invoices",
        spread(cpu),
        spread([cost.wall for cost in costs]),
        spread(peak, 0),
    ]
    reached = [
        goal("loader", cpu, most=10 * size / 100_000, unit=" s of CPU"),
        goal("loader", peak, most=500, unit=" MB"),
    ]
    return f"{table(['loader', 'CPU s', 'wall s', 'peak MB'], [row])}\n\n{goals(reached)}"


def expect(size: int, database: Path, name: str) -> None:
    """See that a table holds this many different ids. In another process: DuckDB would make this one large.

    Raises:
        CommandError: if it does not.

    """
    sql = f"select count(distinct id) from {name}"  # noqa: S608 - our own table
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", COUNT, str(database), sql], check=True, stdout=subprocess.PIPE, text=True
    )
    if int(done.stdout) != size:
        raise CommandError(f"{name} in {database} holds {done.stdout.strip()} ids instead of {size}")
