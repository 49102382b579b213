"""The report as a small picture for the asset's page in the Dagster UI: total, months, largest cities.

An SVG in the metadata of each run: a few kilobytes, as Dagster keeps them with the run for a month.
"""

import base64
from collections.abc import Iterator
from decimal import Decimal
from html import escape

from orchestration import freshness, german
from orchestration.chart import Bar, Chart, chart, without_gaps
from orchestration.figures import Figures, Line

WIDTH, HEIGHT = 760, 430
LEFT, TOP, ACROSS, DOWN = 84, 112, 652, 150  # where the bars of the months are
CITIES_SHOWN = 5
CITY_LETTERS = 32
INK, SOFT, RULE, SOLID, MINUS = "#1c2733", "#5a6672", "#e4e1da", "#3f958a", "#b4472f"
FONT = f'font-family="system-ui,sans-serif" font-size="13" fill="{SOFT}"'


def markdown(figures: Figures) -> str:
    """Return the picture as an image in Markdown. The UI lets `data:` addresses through."""
    return f"![revenue](data:image/svg+xml;base64,{base64.b64encode(svg(figures).encode()).decode()})"


def svg(figures: Figures) -> str:
    """Return the picture: it has its own background, as the UI is light or dark, and fetches nothing."""
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" {FONT}>',
            f'<rect width="{WIDTH}" height="{HEIGHT}" rx="12" fill="#fff"/>',
            *_head(figures),
            *_months(chart(without_gaps(figures.months))),
            *_cities(figures.cities[:CITIES_SHOWN]),
            "</svg>",
        ]
    )


def _head(figures: Figures) -> Iterator[str]:
    as_of = f"Data as of {german.moment(figures.as_of)}" if figures.as_of else "Never read completely yet"
    yield _text(24, 32, "Revenue, net")
    yield _text(24, 66, german.euro(figures.total.net), f'font-size="28" font-weight="600" fill="{INK}"')
    yield _text(WIDTH - 24, 32, as_of, 'text-anchor="end"')
    documents = f"{german.count(figures.total.documents)} documents"
    yield _text(WIDTH - 24, 52, documents, 'text-anchor="end"')
    if any(freshness.doubt(stream) for stream in figures.streams):
        alarm = "Incomplete: the page says what is missing"
        yield _text(WIDTH - 24, 74, alarm, f'text-anchor="end" font-weight="600" fill="{MINUS}"')


def _months(months: Chart) -> Iterator[str]:
    for top, amount in months.grid:
        y = TOP + top * DOWN / 100
        yield f'<path d="M{LEFT} {y:.1f}h{ACROSS}" stroke="{SOFT if not amount else RULE}"/>'
        yield _text(LEFT - 8, y + 4, german.short(amount), 'text-anchor="end" font-size="11"')
    for colour, bars in (
        (SOLID, [bar for bar in months.bars if bar.line.net >= 0]),
        (MINUS, [bar for bar in months.bars if bar.line.net < 0]),
    ):
        if bars:
            yield f'<path fill="{colour}" d="{"".join(map(_box, bars))}"/>'
    x = float(LEFT)
    for year, count in months.years:
        width = ACROSS * count / len(months.bars)
        if width > 30:  # noqa: PLR2004 - as wide as the year in letters
            yield _text(x + 2, TOP + DOWN + 18, year, 'font-size="11"')
        x += width


def _box(bar: Bar) -> str:
    x, y = LEFT + bar.left * ACROSS / 100, TOP + bar.top * DOWN / 100
    width, height = bar.width * ACROSS / 100, bar.height * DOWN / 100
    return f"M{x:.1f} {y:.1f}h{width:.1f}v{height:.1f}h-{width:.1f}z"


def _cities(cities: list[Line]) -> Iterator[str]:
    largest = max([Decimal(1), *(city.net for city in cities)])
    for place, city in enumerate(cities):
        y = 316 + 24 * place
        name = city.label if len(city.label) <= CITY_LETTERS else f"{city.label[:CITY_LETTERS]}…"
        yield _text(24, y, name, f'fill="{INK}"')
        width = float(max(city.net, Decimal(0)) / largest) * 310
        yield f'<rect x="290" y="{y - 10}" width="{width:.0f}" height="11" rx="2" fill="{SOLID}"/>'
        yield _text(WIDTH - 24, y, german.euro(city.net), f'text-anchor="end" fill="{INK}"')


def _text(x: float, y: float, text: str, style: str = "") -> str:
    return f'<text x="{x:g}" y="{y:.0f}" {style}>{escape(text)}</text>'
