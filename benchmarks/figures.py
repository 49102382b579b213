"""Medians with their spread, ratios of paired rounds, and Markdown tables of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import median

from benchmarks.measure import Cost


def spread(values: Sequence[float], digits: int = 2) -> str:
    """Write `median [min–max]`, or the one value there is."""
    middle = f"{median(values):.{digits}f}"
    if len(values) == 1:
        return middle
    return f"{middle} [{min(values):.{digits}f}–{max(values):.{digits}f}]"


def ratios(
    costs: Sequence[Cost], base: Sequence[Cost], of: Callable[[Cost], float] = lambda cost: cost.cpu
) -> list[float]:
    """Divide round by round: both were measured within the same minutes."""
    return [of(one) / of(other) for one, other in zip(costs, base, strict=True)]


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a Markdown table; all but the first column are numbers."""
    marks = ["---", *["--:"] * (len(header) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (header, marks, *rows))


def goal(
    what: str, values: Sequence[float], *, least: float = 0, most: float = 0, unit: str = ""
) -> list[str]:
    """Return a row of the table of goals: judged by the median."""
    reached = median(values) >= least if least else median(values) <= most
    wanted = f"at least {least:g}{unit}" if least else f"at most {most:g}{unit}"
    return [what, wanted, spread(values) + unit, "yes" if reached else "**no**"]


def goals(rows: Sequence[Sequence[str]]) -> str:
    """Write the table of goals."""
    return table(["goal", "wanted", "measured", "reached"], rows)
