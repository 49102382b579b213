"""The tap beside other extractors: CPU, wall and memory over the same pages, without and with latency."""

from __future__ import annotations

import math
from functools import partial
from statistics import median

from benchmarks.clients import EXTRACTORS, FLOOR, PAGE_SIZE, TAP, TAP_AHEAD, Bench, Client, tap
from benchmarks.delivered import check
from benchmarks.figures import goal, goals, ratios, spread, table
from benchmarks.measure import Cost
from benchmarks.rounds import rounds
from benchmarks.server import AFTER_ALL, SHAPES, Server

LATENCY = 0.1  # seconds
WANTED = {  # how many times the tap's CPU each is to need at least
    "tap-rest-api-msdk": 10,
    "plain singer-sdk tap": 7,
    "Airbyte low-code": 6,
    "dlt, extract only": 3,
}
AT_MOST = 2.2  # times the floor's CPU, on rows as described
NOTHING = Client("start-up", TAP.environment, tap(start_date=AFTER_ALL))


def extract(bench: Bench, size: int, count: int) -> str:
    """Every client reads `size` invoices without latency, in `count` rounds, of each shape of rows."""
    return "\n\n".join(f"### Rows {shape}\n\n{_extract(bench, size, count, shape)}" for shape in SHAPES)


def _extract(bench: Bench, size: int, count: int, shape: str) -> str:
    with Server(size, shape) as server:
        check(bench, EXTRACTORS, server)
        costs = rounds({each.name: partial(bench.read, each, server) for each in EXTRACTORS}, count)
    ours = costs[TAP.name]
    reached = [
        goal(f"{name}: times our CPU", ratios(costs[name], ours), least=least)
        for name, least in WANTED.items()
    ]
    if shape == "as described":
        times = ratios(ours, costs[FLOOR.name])
        reached.append(goal("our CPU: times that of pages split only", times, most=AT_MOST))
    return f"{_costs(costs, ours, size)}\n\n{goals(reached)}"


def latency(bench: Bench, size: int, count: int) -> str:
    """Every client reads `size` invoices, each answer 100 ms late."""
    clients = (FLOOR, TAP_AHEAD, *EXTRACTORS[1:])
    with Server(size) as server:
        check(bench, (TAP_AHEAD,), server)
        nothing = [bench.read(NOTHING, server).wall for _ in range(count)]
        server.control("PUT", "switches", latency_ms=int(LATENCY * 1000))
        costs = rounds({each.name: partial(bench.read, each, server) for each in clients}, count)
    pages = math.ceil(size / PAGE_SIZE)
    bound = math.ceil(pages / 4) * LATENCY + median(nothing)
    explained = (
        f"Bound: {pages} pages / 4 x 100 ms + {median(nothing):.2f} s for a read of nothing = {bound:.2f} s."
    )
    ours = [cost.wall / bound for cost in costs[TAP_AHEAD.name]]
    return "\n\n".join(
        (
            _costs(costs, costs[TAP_AHEAD.name], size),
            explained,
            goals([goal("wall: times the bound", ours, most=1.5)]),
        )
    )


def memory(bench: Bench, size: int, count: int) -> str:
    """Peak memory of the tap as the list grows: a tenth of `size`, `size`, ten times as many."""
    sizes = (size // 10, size, 10 * size)
    clients = (TAP, TAP_AHEAD)
    peaks: dict[str, list[list[float]]] = {each.name: [] for each in clients}
    for invoices in sizes:
        with Server(invoices) as server:
            check(bench, clients, server)
            costs = rounds({each.name: partial(bench.read, each, server) for each in clients}, count)
        for name, measured in costs.items():
            peaks[name].append([cost.memory for cost in measured])
    rows = [[name, *(spread(each, 0) for each in measured)] for name, measured in peaks.items()]
    reached = []
    for name in (TAP.name, TAP_AHEAD.name):
        first, last = peaks[name][0], peaks[name][-1]
        growth = [largest / smallest for smallest, largest in zip(first, last, strict=True)]
        most = [max(each) for each in zip(*peaks[name], strict=True)]
        reached.append(goal(f"{name}: peak memory", most, most=90, unit=" MB"))
        reached.append(goal(f"{name}: {sizes[-1]:,} to {sizes[0]:,} records", growth, most=1.25))
    header = ["peak memory in MB", *(f"{size:,} records" for size in sizes)]
    return f"{table(header, rows)}\n\n{goals(reached)}"


def _costs(costs: dict[str, list[Cost]], ours: list[Cost], size: int) -> str:
    header = (
        "client",
        "CPU s",
        "CPU µs a record",
        "wall s",
        "peak MB",
        "CPU, times ours",
        "wall, times ours",
    )
    rows = [
        [
            name,
            spread([cost.cpu for cost in measured]),
            f"{median(cost.cpu for cost in measured) / size * 1e6:.1f}",
            spread([cost.wall for cost in measured]),
            f"{median(cost.memory for cost in measured):.0f}",
            spread(ratios(measured, ours)) if measured is not ours else "1",
            spread(ratios(measured, ours, lambda cost: cost.wall)) if measured is not ours else "1",
        ]
        for name, measured in costs.items()
    ]
    return table(header, rows)
