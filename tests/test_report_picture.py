"""The picture of the report in the Dagster UI: it says what the page says, in a few kilobytes."""

import base64
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from xml.etree import ElementTree as ET

from orchestration.figures import Figures, Line, Stream
from orchestration.marts import NEEDED
from orchestration.picture import markdown, svg

NOW = datetime(2026, 6, 30, 12, 0, tzinfo=UTC)
EMPTY = Figures(None, Line("", 0, Decimal(0), Decimal(0)), [], [], [], [], [], [], [])


def line(label: str, net: str) -> Line:
    return Line(label, 3, Decimal(net), Decimal(net))


FULL = replace(
    EMPTY,
    as_of=NOW,
    total=line("", "1234567.89"),
    cities=[line(f"<Stadt & Land> {number} {'am langen Fluss ' * 5}", "1000.5") for number in range(30)],
    months=[line(f"{year}-{month:02}", "-5.5") for year in range(2020, 2027) for month in range(1, 13)],
    streams=[Stream(name, NOW, NOW, True) for name in NEEDED],
)


def texts(picture: str) -> list[str]:
    return ["".join(text.itertext()) for text in ET.fromstring(picture) if text.tag.endswith("text")]


def test_it_shows_total_age_and_the_five_largest_cities_as_they_are_written() -> None:
    found = texts(svg(FULL))
    assert found[:4] == ["Revenue, net", "1.234.567,89\u00a0€", "Data as of 30.06.2026, 14:00", "3 documents"]
    cities = [text for text in found if text.startswith("<Stadt & Land>")]
    assert len(cities) == 5
    assert found[-1] == "1.000,50\u00a0€"


def test_figures_that_are_not_complete_are_marked() -> None:
    doubtful = replace(FULL, streams=[replace(FULL.streams[0], complete=False), *FULL.streams[1:]])
    assert "Incomplete: the page says what is missing" in texts(svg(doubtful))
    assert "Incomplete: the page says what is missing" not in texts(svg(FULL))


def test_without_any_document_there_is_still_a_picture() -> None:
    assert texts(svg(EMPTY))[1:3] == ["0,00\u00a0€", "Never read completely yet"]


def test_it_is_whole_in_itself_and_small_as_it_is_kept_with_every_run() -> None:
    address = markdown(FULL).removeprefix("![revenue](data:image/svg+xml;base64,").removesuffix(")")
    assert base64.b64decode(address, validate=True).decode() == svg(FULL)
    assert "href" not in svg(FULL)
    assert len(markdown(FULL)) < 8000
