"""Where the tap's time goes: py-spy samples it, and each function gets its share of the CPU of a record."""

from __future__ import annotations

import linecache
import re
from collections import Counter
from pathlib import Path

from benchmarks.clients import TAP, Bench, variables
from benchmarks.figures import table
from benchmarks.measure import run
from benchmarks.server import Server

RATE = 250  # samples a second
SHOWN = 15
FRAME = re.compile(r"(?P<function>.+) \((?P<file>.+?)(:(?P<line>\d+))?\)")


def profile(bench: Bench, size: int, _: int) -> str:
    """Sample one read of `size` invoices; the shares are of the time in which the process did not wait."""
    with Server(size) as server:
        plain = bench.read(TAP, server)  # the second read finds the server warm
        plain = bench.read(TAP, server)
        bench.empty()
        place = bench.place(TAP, server)
        samples = place.folder / "samples.txt"
        spy = [str(bench.folder / "py-spy" / "bin" / "py-spy"), "record", "--format", "raw"]
        command = [*spy, "--rate", str(RATE), "--output", str(samples), "--", *TAP.command(place)]
        run(command, folder=place.folder, environment=variables(TAP, place))
    share = plain.cpu / size * 1e6
    told = f"{plain.cpu:.2f} s of CPU, {share:.1f} µs a record, start-up included."
    own, within = shares(samples)
    rows = [[name, f"{100 * part:.0f} %", f"{part * share:.1f}"] for name, part in own[:SHOWN]]
    more = [[name, f"{100 * part:.0f} %", f"{part * share:.1f}"] for name, part in within[:SHOWN]]
    return "\n\n".join(
        (
            told,
            table(["on top of the stack", "share", "µs a record"], rows),
            table(["called from here", "share", "µs a record"], more),
        )
    )


def shares(samples: Path) -> tuple[list[tuple[str, float]], list[tuple[str, float]]]:
    """Return lines with their share of all samples, on top of the stack; then functions, anywhere in it.

    Each line of the file is a stack, outermost call first, and how often it was seen. What a library in C
    does counts for the line that calls it.
    """
    own: Counter[str] = Counter()
    within: Counter[str] = Counter()
    for line in samples.read_text("utf-8").splitlines():
        stack, _, times = line.rpartition(" ")
        names = [_short(frame) for frame in stack.split(";")]
        own[_line(stack.rpartition(";")[2])] += int(times)
        for name in set(names):
            within[name] += int(times)
    total = sum(own.values()) or 1
    ours = [(name, seen) for name, seen in within.most_common() if "tap_sevdesk" in name]
    return [(n, seen / total) for n, seen in own.most_common()], [(n, seen / total) for n, seen in ours]


def _line(frame: str) -> str:
    """Write the line of code that was at work, with its module."""
    found = FRAME.fullmatch(frame)
    code = linecache.getline(found["file"], int(found["line"] or 0)).strip() if found else ""
    return f"`{code}` ({'/'.join(Path(found['file']).parts[-2:])})" if found and code else _short(frame)


def _short(frame: str) -> str:
    """Write `function (package/module.py)`."""
    found = FRAME.fullmatch(frame)
    return f"`{found['function']}` ({'/'.join(Path(found['file']).parts[-2:])})" if found else frame
