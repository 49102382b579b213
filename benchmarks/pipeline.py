"""The pipeline beside dlt, in an hour without changes, and as the books grow; each into a new DuckDB file."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.clients import DLT_LOAD, TAP, Bench, Client, dlt
from benchmarks.figures import goal, goals, ratios, spread, table
from benchmarks.loading import expect
from benchmarks.measure import Cost, run
from benchmarks.rounds import rounds
from benchmarks.server import Server
from orchestration.dbt.events import ENDS
from tests.helpers.pipeline_project import Project

MELTANO = ("meltano", "run", "tap-sevdesk", "target-duckdb")
WHOLE = ("python", "-m", "orchestration", "hourly")
PAGES = {"TAP_SEVDESK_PAGE_SIZE": "1000"}  # the same pages as everybody's
INVOICES = {"TAP_SEVDESK__SELECT": '["invoices.*", "extractions.*"]'}
STAGES = ("start-up", "extract and load", "transform and test", "report")  # as the job prints them
DBT_LOG = "logs/dbt.log"
SOURCES = "from tap_sevdesk.streams import SOURCES; print(*(each.path.strip('/') for each in SOURCES))"


def pipeline(bench: Bench, size: int, count: int) -> str:
    """Meltano, and all of the pipeline, beside dlt that extracts, normalizes and loads the same lists."""
    with Server(size) as server:
        everything = Client(
            "dlt", DLT_LOAD.environment, dlt("load", *_lists(bench)), None, DLT_LOAD.variables
        )
        contenders: dict[str, Callable[[], Cost]] = {
            "dlt to DuckDB, invoices": partial(_dlt, bench, DLT_LOAD, server),
            "meltano run, invoices": partial(_ours, bench, server, MELTANO, INVOICES),
            "dlt to DuckDB, all lists": partial(_dlt, bench, everything, server),
            "meltano run, all lists": partial(_ours, bench, server, MELTANO, {}),
            "hourly job, all lists, models, report": partial(_ours, bench, server, WHOLE, {}),
        }
        costs = rounds(contenders, count)
    dlt_one, meltano_one, dlt_all, meltano_all, whole = costs.values()
    header = [
        "into a new DuckDB file",
        "wall s",
        "CPU s",
        "peak MB, largest process",
        "peak MB, all processes",
    ]
    rows = [
        [
            name,
            spread([cost.wall for cost in measured], 1),
            spread([cost.cpu for cost in measured], 1),
            f"{median(cost.memory for cost in measured):.0f}",
            f"{median(cost.tree for cost in measured):.0f}",
        ]
        for name, measured in costs.items()
    ]
    reached = [
        goal("dlt's wall: times meltano's, invoices", ratios(dlt_one, meltano_one, _wall), least=2),
        goal("dlt's wall: times meltano's, all lists", ratios(dlt_all, meltano_all, _wall), least=2),
        goal("hourly job's wall: times dlt's, all lists", ratios(whole, dlt_all, _wall), most=1),
        goal("hourly job's wall: times dlt's for invoices alone", ratios(whole, dlt_one, _wall), most=1),
    ]
    return f"{table(header, rows)}\n\n{goals(reached)}"


def quiet(bench: Bench, size: int, count: int) -> str:
    """Run the hourly job again while the clock stands: where its seconds go, what it asks, what it builds."""
    with Server(size) as server:
        _ours(bench, server, WHOLE, {})
        server.control("DELETE", "log")
        project = Project(bench.folder / "scratch")
        said = bench.folder / "output.txt"
        costs, phases = [], []
        for turn in range(count):
            (project.folder / DBT_LOG).unlink(missing_ok=True)
            costs.append(_run_in(project, server, WHOLE, {}, said))
            print(f"  round {turn + 1}  {costs[-1].wall:.1f} s wall", file=sys.stderr, flush=True)
            phases.append(_phases(said))
        requests = Counter(entry["path"] for entry in server.control("GET", "log"))
    said.unlink()
    built = Counter((node["resource_type"], node["node_status"]) for node in _dbt_results(project))
    rows = [[name, spread([phase[name] for phase in phases], 1)] for name in phases[0]]
    rows.append(["process, imports included", spread([cost.wall for cost in costs], 1)])
    rows.append(["CPU", spread([cost.cpu for cost in costs], 1)])
    asked = [f"{path.strip('/')} {times / count:g}" for path, times in sorted(requests.items())]
    nodes = [f"{kind} {status}: {times}" for (kind, status), times in sorted(built.items())]
    reached = goal("a quiet hour", [cost.wall for cost in costs], most=20, unit=" s of wall")
    asks = f"Requests a run: {', '.join(asked)}.\n\ndbt: {', '.join(nodes) or 'not run'}."
    return f"{table(['a quiet hour', 's'], rows)}\n\n{asks}\n\n{goals([reached])}"


def scale(bench: Bench, size: int, _: int) -> str:
    """Run the hourly job over a tenth of `size`, all and ten times as many, and again an hour later."""
    said, rows = bench.folder / "output.txt", []
    for invoices in (size // 10, size, 10 * size):
        with Server(invoices) as server:
            first = _ours(bench, server, WHOLE, {}, said)
            rows.append(_scale_row(f"{invoices:,}, first run", first, _phases(said)))
            server.control("PUT", "clock", advance={"hours": 1})
            project = Project(bench.folder / "scratch")
            later = _run_in(project, server, WHOLE, {}, said)
            rows.append(_scale_row(f"{invoices:,}, an hour later", later, _phases(said)))
        print(f"  {invoices:,}: {first.wall:.0f} s, then {later.wall:.0f} s", file=sys.stderr, flush=True)
    said.unlink()
    reached = goal("largest process", [max(float(row[-2]) for row in rows)], most=8000, unit=" MB")
    header = [
        "invoices, three positions each",
        *STAGES,
        "wall s",
        "CPU s",
        "peak MB",
        "peak MB, all processes",
    ]
    return f"{table(header, rows)}\n\n{goals([reached])}"


def _scale_row(name: str, cost: Cost, phases: dict[str, float]) -> list[str]:
    took = [f"{phases[stage]:.1f}" if stage in phases else "–" for stage in STAGES]
    return [name, *took, f"{cost.wall:.1f}", f"{cost.cpu:.1f}", f"{cost.memory:.0f}", f"{cost.tree:.0f}"]


def _phases(said: Path) -> dict[str, float]:
    """Return what the job said of the seconds of its stages."""
    lines = [line.rpartition("  ") for line in said.read_text("utf-8").splitlines()]
    return {name.strip(): float(text[:-1]) for name, _, text in lines if text.endswith(" s")}


def _dbt_results(project: Project) -> list[dict[str, Any]]:
    """Return what dbt says of each node of the last run; nothing when it was not run."""
    log = project.folder / DBT_LOG
    events = [json.loads(line) for line in log.read_text("utf-8").splitlines()] if log.exists() else []
    return [event["data"]["node_info"] for event in events if event["info"]["name"] in ENDS]


def _ours(
    bench: Bench,
    server: Server,
    command: tuple[str, ...],
    extra: dict[str, str],
    said: Path | None = None,
) -> Cost:
    bench.empty()
    project = Project.copy_to(bench.folder / "scratch")
    cost = _run_in(project, server, command, extra, said)
    expect(server.invoices, project.warehouse, "raw.invoices")
    return cost


def _run_in(
    project: Project, server: Server, command: tuple[str, ...], extra: dict[str, str], said: Path | None
) -> Cost:
    environment = project.environment(server, **PAGES, **extra)  # type: ignore[arg-type]
    return run(command, folder=project.folder, environment=environment, stdout=said, tree=True)


def _dlt(bench: Bench, client: Client, server: Server) -> Cost:
    cost = bench.read(client, server, tree=True)
    expect(server.invoices, bench.folder / "scratch" / "dlt" / "dlt.duckdb", "raw.invoice")
    return cost


def _lists(bench: Bench) -> list[str]:
    """Return the names of all lists that the tap reads."""
    python = str(bench.folder / TAP.environment / "bin" / "python")
    done = subprocess.run([python, "-c", SOURCES], check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603
    return done.stdout.split()


def _wall(cost: Cost) -> float:
    return cost.wall
