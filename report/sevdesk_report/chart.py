"""The geometry of the chart over time: bars and grid lines, in percent of its width and height."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from sevdesk_report.ranking import Line

YEAR = len("2026")
THICK = 0.78  # of the room for a bar
THICKEST = 12.0  # percent of the chart's width


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
    """Bars, grid lines as (top in percent, euros), and labels as (left in percent, text)."""

    bars: list[Bar]
    grid: list[tuple[float, Decimal]]
    labels: list[tuple[float, str]]


def chart(shown: Sequence[Line]) -> Chart:
    """Lay out `shown`: lines of months, quarters or years, in order and without gaps."""
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
    width = min(slot * THICK, THICKEST)
    bars = [
        Bar(
            left=slot * (index + 0.5) - width / 2,
            top=height_of(max(line.net, Decimal(0))),
            width=width,
            height=float(100 * abs(line.net) / span),
            line=line,
        )
        for index, line in enumerate(shown)
    ]
    grid = [
        (height_of(step * number), step * number) for number in range(int(low / step), int(top / step) + 1)
    ]
    labels = [
        (bar.left, bar.line.label[:YEAR])
        for index, bar in enumerate(bars)
        if index == 0
        or bar.line.label.endswith(("-01", "-Q1"))
        or (len(bar.line.label) == YEAR and index % 5 == 0)
    ]
    return Chart(bars, grid, labels)


def grid_step(largest: Decimal) -> Decimal:
    """Return 1, 2 or 5 times a power of ten, at least 1, so that `largest` is two to five of them."""
    if largest <= 0:
        return Decimal(1)
    power = Decimal(10) ** (largest.adjusted() - 1)
    step = next(power * factor for factor in (2, 5, 10, 20, 50) if power * factor * 5 >= largest)
    return max(step, Decimal(1))  # in whole euros, as they are shown
