"""Interleaved rounds: each contender in turn, so that a busy minute hits all of them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

from benchmarks.measure import Cost


def rounds(contenders: Mapping[str, Callable[[], Cost]], count: int) -> dict[str, list[Cost]]:
    """Measure each contender `count` times; each round begins with another one."""
    names = list(contenders)
    costs: dict[str, list[Cost]] = {name: [] for name in names}
    for turn in range(count):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            cost = contenders[name]()
            costs[name].append(cost)
            figures = f"{cost.cpu:8.2f} s CPU{cost.wall:8.2f} s wall{cost.memory:7.0f} MB"
            print(f"  round {turn + 1}  {name:<40}{figures}", file=sys.stderr, flush=True)
    return costs
