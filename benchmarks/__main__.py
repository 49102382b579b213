"""`python -m benchmarks`: measure everything, or only what is named, and print Markdown tables."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import extractors
from benchmarks.clients import EXTRACTORS, Bench
from benchmarks.delivered import WrongError
from benchmarks.environments import OURS, ROOT, prepare
from benchmarks.machine import machine, versions
from benchmarks.measure import CommandError

INTERRUPTED = 130


@dataclass(frozen=True)
class Options:
    """How many records at most, how many rounds."""

    size: int
    rounds: int

    @property
    def sizes(self) -> tuple[int, ...]:
        """A tenth, all, ten times as many."""
        return self.size // 10, self.size, self.size * 10


def _extract(bench: Bench, options: Options) -> str:
    return extractors.extract(bench, options.size, options.rounds)


def _latency(bench: Bench, options: Options) -> str:
    return extractors.latency(bench, options.size, options.rounds)


def _memory(bench: Bench, options: Options) -> str:
    return extractors.memory(bench, options.sizes, options.rounds)


ALL = {each.environment for each in EXTRACTORS}
PARTS: dict[str, tuple[str, set[str], Callable[[Bench, Options], str]]] = {
    "extract": ("Extractors, {size:,} invoices, no latency", ALL, _extract),
    "latency": ("Extractors, {size:,} invoices, 100 ms a request", ALL, _latency),
    "memory": ("Memory", {OURS, "requests"}, _memory),
}


def main(arguments: list[str] | None = None) -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)} (default: all)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured (default: 3)")
    parser.add_argument("--size", type=int, default=100_000, help="invoices (default: 100000)")
    parser.add_argument(
        "--folder", type=Path, default=ROOT / ".bench", help="for environments (default: .bench)"
    )
    given = parser.parse_args(arguments)
    chosen = given.parts or list(PARTS)
    if unknown := set(chosen) - PARTS.keys():
        parser.error(f"there is no part {', '.join(sorted(unknown))}: there are {', '.join(PARTS)}")
    bench, options = Bench(given.folder.resolve()), Options(given.size, given.rounds)
    try:
        prepare(bench.folder, {name for part in chosen for name in PARTS[part][1]})
        print(f"{machine()} {versions()}\n\nMedian [min–max] of {options.rounds} rounds.\n", flush=True)
        for part, (title, _, measure) in PARTS.items():
            if part in chosen:
                print(f"## {title.format(size=options.size)}\n\n{measure(bench, options)}\n", flush=True)
        print(machine())
    except (CommandError, WrongError, subprocess.CalledProcessError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main())
