"""The report as a picture for its asset's page in the Dagster UI: revenue by month.

The UI shows Markdown of less than a thousand characters where it stands, and hides longer one behind a click.
"""

from collections.abc import Iterator
from urllib.parse import quote

from sevdesk_report import freshness, german
from sevdesk_report.chart import Bar, Chart, chart, without_gaps
from sevdesk_report.figures import Figures

WIDTH, HEIGHT = 380, 166
LEFT, TOP, ACROSS, DOWN = 54, 12, 324, 128  # where the bars are
HARMLESS = " !'(),-./:=+"
SOLID, MINUS = "#3f958a", "#b4472f"


def markdown(figures: Figures) -> str:
    """Return the picture as an image in Markdown; the UI lets `data:` addresses through."""
    doubtful = any(freshness.doubt(stream) for stream in figures.streams)
    mark = "**Incomplete, see the page.** " if doubtful else ""
    return f"{mark}![revenue by month](<data:image/svg+xml,{quote(svg(figures), safe=HARMLESS)}>)"


def svg(figures: Figures) -> str:
    """Return the picture: it has its own background, as the UI is light or dark, and fetches nothing."""
    size = (
        f"width='{WIDTH}' height='{HEIGHT}' style='background:#fff' font-family='sans-serif' font-size='11'"
    )
    return "".join([
        f"<svg xmlns='http://www.w3.org/2000/svg' {size}>",
        *_months(chart(without_gaps(figures.months))),
        "</svg>",
    ])  # fmt: skip


def _months(months: Chart) -> Iterator[str]:
    if not months.bars:
        yield _text(LEFT, 80, "No revenue yet")
        return
    rules = "".join(f"M{LEFT} {_down(top)}h{ACROSS}" for top, _ in months.grid)
    yield f"<path d='{rules}' stroke='#ddd'/>"
    for top, amount in (months.grid[0], months.grid[-1]):
        yield _text(4, _down(top) + 4, german.short(amount).replace(german.NO_BREAK_SPACE, " "))
    for colour, losses in ((SOLID, False), (MINUS, True)):
        bars = [bar for bar in months.bars if (bar.line.net < 0) is losses]
        if bars:
            width = round(bars[0].width * ACROSS / 100)
            yield f"<path d='{_strokes(bars)}' stroke='{colour}' stroke-width='{width}'/>"
    before = 0
    for year, count in months.years:
        if count > 2:  # noqa: PLR2004 - as wide as the year in letters
            yield _text(LEFT + before * ACROSS // len(months.bars), HEIGHT - 8, year)
        before += count


def _strokes(bars: list[Bar]) -> str:
    """Return a stroke down for each bar, each from where the one before ended: that takes fewest letters."""
    path, x, y = "", 0, 0
    for bar in bars:
        across = LEFT + round((bar.left + bar.width / 2) * ACROSS / 100)
        top, bottom = _down(bar.top), _down(bar.top + bar.height)
        path += f"m{across - x}{top - y:+}v{bottom - top}"
        x, y = across, bottom
    return path


def _down(percent: float) -> int:
    return round(TOP + percent * DOWN / 100)


def _text(x: int, y: int, text: str) -> str:
    return f"<text x='{x}' y='{y}'>{text}</text>"
