"""The report in a browser: on a phone, on a desktop, on paper, in the dark."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from orchestration import german, report
from orchestration.figures import Figures, Line, add

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="no chromium here; CI must have one"
)


def line(label: str, net: str, country: str = "DE") -> Line:
    return Line(
        label, 1234, Decimal(net), (Decimal(net) * Decimal("1.19")).quantize(Decimal("0.01")), country
    )


# As wide as it gets: long names, eight-digit amounts, years with losses.
CITIES = [
    line("Hellschen-Heringsand-Unterschaar an der Nordsee", "23456789.01"),
    line("Donaudampfschiffahrtsgesellschaftshausen", "12345678.90"),
    *(line(f"Neustadt an der Weinstraße {number}", "345678.90") for number in range(30)),
    line("Unknown", "-45678.90"),
]
MONTHS = [line(f"{year}-{month:02}", "1000000") for year in (2024, 2025, 2026) for month in range(1, 13)]
REST = add(CITIES).net - add(MONTHS).net
FIGURES = Figures(
    as_of=datetime(2026, 6, 30, 12, 0, tzinfo=UTC),
    total=add(CITIES),
    cities=CITIES,
    countries=[add(CITIES, "Vereinigtes Königreich Großbritannien und Nordirland")],
    months=[*MONTHS, line("2027-01", str(REST))],
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    report.write(report.render(FIGURES), path)
    return path


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


@pytest.mark.parametrize("width", [320, 360, 412, 768, 1024, 1280, 1920])
def test_nothing_sticks_out_on_any_screen(page: Page, file: Path, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # A table may scroll in its own frame, but must not hang over it.
    hanging = """[...document.querySelectorAll('section')].filter(
        s => getComputedStyle(s).overflowX === 'visible' && s.scrollWidth > s.clientWidth + 1).length"""
    assert page.evaluate(hanging) == 0


def test_it_asks_nobody_for_anything(page: Page, file: Path) -> None:
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.goto(file.as_uri(), wait_until="networkidle")
    assert requested == [file.as_uri()]


def test_it_shows_the_totals_of_the_marts(page: Page, file: Path) -> None:
    page.goto(file.as_uri())
    assert page.locator("dd").all_inner_texts() == [
        german.euro(FIGURES.total.net),
        german.euro(FIGURES.total.gross),
        german.count(FIGURES.total.documents),
    ]
    for kind in ("city", "country"):
        cells = page.locator(f"section.{kind} tfoot td").all_inner_texts()
        assert cells[1] == german.amount(FIGURES.total.net)


def test_each_table_has_a_caption_and_headed_rows_and_columns(page: Page, file: Path) -> None:
    page.goto(file.as_uri())
    tables = page.locator("table").all()
    assert len(tables) == 3
    for table in tables:
        assert table.locator("caption").inner_text()
        columns = table.locator("thead th[scope=col]").count()
        for row in table.locator("tbody tr, tfoot tr").all():
            assert row.locator("th[scope=row]").count() == 1
            assert row.locator("th, td").count() == columns


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_background(page: Page, file: Path, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(file.as_uri())
    colours = page.evaluate("""() => {
        const name = n => getComputedStyle(document.documentElement).getPropertyValue(n).trim();
        return Object.fromEntries(['--paper', '--card', '--ink', '--soft', '--accent', '--minus', '--solid']
            .map(n => [n, name(n)]));
    }""")
    for text in ("--ink", "--soft", "--accent", "--minus"):
        for ground in ("--paper", "--card"):
            assert contrast(colours[text], colours[ground]) >= 4.5, (scheme, text, ground)
    assert contrast(colours["--solid"], colours["--card"]) >= 3, "bars"


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG 2 defines it, 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_paper_has_the_whole_tables_and_each_total_once(page: Page, file: Path, tmp_path: Path) -> None:
    page.goto(file.as_uri())
    page.emulate_media(media="print")
    hidden = "[...document.querySelectorAll('td, th')].filter(c => c.getClientRects().length === 0).length"
    assert page.evaluate(hidden) == 0
    assert page.evaluate("getComputedStyle(document.querySelector('tfoot')).display") == "table-row-group"
    page.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
