"""The geometry of the chart of revenue by month: bars and grid lines, in percent of its width and height."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from sevdesk_report.figures import Line, add

MONTHS_SHOWN = 36
GAP = 0.22  # of the width of a month


@dataclass(frozen=True)
class Bar:
    """One month. `top` is measured from the top of the chart; all in percent."""

    left: float
    top: float
    width: float
    height: float
    line: Line


@dataclass(frozen=True)
class Chart:
    """Bars, grid lines as (top in percent, euros), and years as (label, number of months shown)."""

    bars: list[Bar]
    grid: list[tuple[float, Decimal]]
    years: list[tuple[str, int]]


def chart(months: Sequence[Line]) -> Chart:
    """Lay out the latest 36 months of `months`, which must be in order and without gaps."""
    shown = months[-MONTHS_SHOWN:]
    if not shown:
        return Chart([], [], [])
    high = max(Decimal(0), *(line.net for line in shown))
    low = min(Decimal(0), *(line.net for line in shown))
    step = grid_step(max(high, -low))
    top = (high / step).to_integral_value(ROUND_CEILING) * step or step
    span = top - low

    def height_of(amount: Decimal) -> float:
        return float(100 * (top - amount) / span)

    slot = 100 / len(shown)
    bars = [
        Bar(
            left=slot * (index + GAP / 2),
            top=height_of(max(line.net, Decimal(0))),
            width=slot * (1 - GAP),
            height=float(100 * abs(line.net) / span),
            line=line,
        )
        for index, line in enumerate(shown)
    ]
    grid = [
        (height_of(step * number), step * number) for number in range(int(low / step), int(top / step) + 1)
    ]
    years: dict[str, int] = {}
    for line in shown:
        years[line.label[:4]] = years.get(line.label[:4], 0) + 1
    return Chart(bars, grid, list(years.items()))


def grid_step(largest: Decimal) -> Decimal:
    """Return 1, 2 or 5 times a power of ten, so that `largest` is two to five of them."""
    if largest <= 0:
        return Decimal(1)
    power = Decimal(10) ** (largest.adjusted() - 1)
    return next(power * factor for factor in (2, 5, 10, 20, 50) if power * factor * 5 >= largest)


def without_gaps(months: Sequence[Line]) -> list[Line]:
    """Return `months` (`2026-06`, in order) with those in between that had no revenue at all."""
    if not months:
        return []
    known = {line.label: line for line in months}
    year, month = (int(part) for part in months[0].label.split("-"))
    every = []
    while (label := f"{year}-{month:02}") <= months[-1].label:
        every.append(known.get(label) or add([], label))
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)  # noqa: PLR2004
    return every
