"""What a start costs beside the import of the Singer SDK alone, which every tap of it pays."""

from __future__ import annotations

from functools import partial

from benchmarks.clients import TAP, Bench, variables
from benchmarks.figures import ratios, spread, table
from benchmarks.measure import Cost, run
from benchmarks.rounds import rounds
from benchmarks.server import Server

IMPORT = "import singer_sdk"
COMMANDS = {
    IMPORT: ("python", "-c", "import singer_sdk"),
    "tap-sevdesk --version": ("tap-sevdesk", "--version"),
    "tap-sevdesk --about": ("tap-sevdesk", "--about"),
}


def startup(bench: Bench, size: int, count: int) -> str:
    """Start the tap without a read, and import the SDK."""
    server = Server(size)  # not started: nothing is read
    contenders = {name: partial(_start, bench, server, command) for name, command in COMMANDS.items()}
    costs = rounds(contenders, count)
    rows = [
        [name, spread([cost.cpu for cost in measured]), spread(ratios(measured, costs[IMPORT]))]
        for name, measured in costs.items()
    ]
    return table(["start", "CPU s", "times the import"], rows)


def _start(bench: Bench, server: Server, command: tuple[str, ...]) -> Cost:
    bench.empty()
    place = bench.place(TAP, server)
    program, *arguments = command
    return run(
        [str(place.programs / program), *arguments], folder=place.folder, environment=variables(TAP, place)
    )
