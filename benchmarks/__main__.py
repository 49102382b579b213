"""`python -m benchmarks`: measure everything, or only what is named, and print Markdown tables."""

from __future__ import annotations

import argparse
import fcntl
import importlib
import signal
import subprocess
import sys
from pathlib import Path

from benchmarks.clients import EXTRACTORS, Bench
from benchmarks.delivered import WrongError
from benchmarks.environments import OURS, ROOT, prepare
from benchmarks.machine import machine, versions
from benchmarks.measure import CommandError

INTERRUPTED = 130


ALL = {each.environment for each in EXTRACTORS}
PARTS = {  # part: its heading, the environments it needs, module and function
    "extract": ("Extractors, {size:,} invoices, no latency", ALL, "extractors"),
    "latency": ("Extractors, {size:,} invoices, 100 ms a request", ALL, "extractors"),
    "startup": ("Start-up", {OURS}, "startup"),
    "memory": ("The tap's memory", {OURS}, "extractors"),
    "news": ("One page of news, {size:,} invoices", {OURS}, "increments"),
    "loader": ("The loader", {OURS}, "loading"),
    "pipeline": ("The pipeline, {size:,} invoices", {OURS, "dlt-parquet"}, "pipeline"),
    "quiet": ("A quiet hour, {size:,} invoices", set[str](), "pipeline"),
    "scale": ("The whole job as the books grow", set[str](), "pipeline"),
    "models": ("The models", set[str](), "transform_build"),
}
"""In this order: what comes last makes this process larger than a small client."""


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
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends like Ctrl-C: nothing is left running
    given.folder.mkdir(parents=True, exist_ok=True)
    try:
        with (given.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _measure(Bench(given.folder.resolve()), chosen, given.size, given.rounds)
    except BlockingIOError:
        print("Another benchmark uses this folder. Wait for it, or take another --folder.", file=sys.stderr)
        return 1
    except (CommandError, WrongError, ValueError, subprocess.CalledProcessError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def _measure(bench: Bench, chosen: list[str], size: int, rounds: int) -> None:
    prepare(bench.folder, {name for part in chosen for name in PARTS[part][1]})
    print(f"{machine()} {versions()}\n\nMedian [min–max] of {rounds} rounds.\n", flush=True)
    for part, (title, _, module) in PARTS.items():
        if part in chosen:
            measure = getattr(importlib.import_module(f"benchmarks.{module}"), part)
            report: str = measure(bench, size, rounds)
            print(f"## {title.format(size=size)}\n\n{report}\n", flush=True)
    print(machine())


if __name__ == "__main__":
    sys.exit(main())
