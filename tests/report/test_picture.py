"""The picture of the report in the Dagster UI: small enough to be shown, marked when incomplete."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import unquote
from xml.etree import ElementTree as ET

from sevdesk_report.figures import Figures, Line, Stream
from sevdesk_report.picture import markdown, svg
from sevdesk_report.query import NEEDED

NOW = datetime(2026, 6, 30, 12, 0, tzinfo=UTC)
SHOWN_AT_ONCE = 1000  # letters, in the UI of Dagster 1.13


def line(label: str, net: str) -> Line:
    return Line(label, 3, Decimal(net), Decimal(net))


EMPTY = Figures(NOW, line("", "0"), [], [], [], [], [], [], [Stream(name, NOW, NOW, True) for name in NEEDED])
# As much as can be: three years up and down, in millions, and none of it complete.
FULL = replace(
    EMPTY,
    months=[
        line(f"{year}-{month:02}", f"{1234567.89 if month % 3 else -999999.99}")
        for year in range(2020, 2027)
        for month in range(1, 13)
    ][:-5],
    streams=[Stream(name) for name in NEEDED],
)


def texts(figures: Figures) -> list[str]:
    return [str(text.text) for text in ET.fromstring(svg(figures)).iter() if text.tag.endswith("text")]


def test_it_shows_the_latest_three_years_against_a_scale() -> None:
    assert texts(FULL) == ["−500.000", "1,5 Mio.", "2023", "2024", "2025", "2026"]
    gains, losses = [
        path.get("d", "") for path in ET.fromstring(svg(FULL)).iter() if path.get("stroke-width")
    ]
    assert (gains.count("v"), losses.count("v")) == (24, 12)


def test_figures_that_are_not_complete_are_marked() -> None:
    assert markdown(FULL).startswith("**Incomplete, see the page.** ![")
    assert markdown(replace(FULL, streams=EMPTY.streams)).startswith("![")


def test_without_any_document_there_is_still_a_picture() -> None:
    assert texts(EMPTY) == ["No revenue yet"]


def test_it_is_whole_in_itself_and_short_enough_to_be_shown_without_a_click() -> None:
    address = markdown(FULL).partition("](<data:image/svg+xml,")[2].removesuffix(">)")
    assert unquote(address) == svg(FULL)
    assert not {"<", ">", '"', "#"} & set(address)
    assert len(markdown(FULL)) < SHOWN_AT_ONCE
