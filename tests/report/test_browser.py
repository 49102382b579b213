"""The report in a browser: on a phone, on a desktop, on paper, in the dark."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from sevdesk_report import german
from sevdesk_report import page as report
from sevdesk_report.figures import Figures, Line, Owed, Stream, add
from sevdesk_report.proof import DELETED, Kind, Listed, add_listed
from sevdesk_report.query import NEEDED

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="no chromium here; CI must have one"
)


NOW = datetime(2026, 6, 30, 12, 0, tzinfo=UTC)


def line(label: str, net: str, country: str = "DE", owed: str = "0") -> Line:
    gross = (Decimal(net) * Decimal("1.19")).quantize(Decimal("0.01"))
    return Line(label, 1234, Decimal(net), gross, country, Decimal(owed))


def listed(year: str, code: str, name: str, status: str, reason: str = "") -> Listed:
    amount = Decimal("23456789.01")
    return Listed(
        Kind(year, code, name, "1000", status, reason),
        documents=12345,
        net=amount,
        gross=amount,
        counted_documents=0 if reason else 12345,
        counted_net=Decimal(0) if reason else -amount,
        counted_gross=Decimal(0) if reason else -amount,
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
CUSTOMERS = [
    *(
        line(
            f"Musterdampfschifffahrtselektrizitätenwerke {number} GmbH & Co. KG",
            "2345678.90",
            "",
            "1234567.89",
        )
        for number in range(10)
    ),
    line("12.345 others", "23456789.01", "", "12345678.90"),
]
TOTAL = replace(add(CITIES), open=add(CUSTOMERS).open)
FIGURES = Figures(
    as_of=NOW,
    total=TOTAL,
    cities=CITIES,
    countries=[add(CITIES, "Vereinigtes Königreich Großbritannien und Nordirland")],
    months=[*MONTHS, line("2027-01", str(REST))],
    customers=CUSTOMERS,
    owed=[Owed("not due", 12345, TOTAL.open + 1), Owed("over 90 days", 1, Decimal(-1))],
    listed=[
        *(listed(year, "RE", "Rechnung", "Bezahlt") for year in ("2023", "2024", "2025", "2026")),
        *(listed(year, "GU", "Gutschrift", "Teilbezahlt") for year in ("2024", "2025", "2026")),
        listed("2026", "WKR", "Wiederkehrende Rechnung", "Deaktiviert", "recurring template, not an invoice"),
        listed("2026", "RE", "Rechnung", "Entwurf", DELETED),
    ],
    streams=[Stream(name, NOW, NOW, True, True, 7, 7) for name in NEEDED],
)
BAD = replace(
    FIGURES,
    streams=[
        replace(FIGURES.streams[0], as_of=NOW - timedelta(hours=5)),
        replace(FIGURES.streams[1], complete=False),
        replace(FIGURES.streams[2], count_agrees=False, seen=1234567, expected=1234568),
        *(Stream(name) for name in NEEDED[3:]),
    ],
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
    report.write(report.render(FIGURES, NOW, timedelta(hours=3)), path)
    return path


@pytest.fixture(scope="module")
def alarmed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("alarm") / "report.html"
    report.write(report.render(BAD, NOW, timedelta(hours=3)), path)
    return path


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


@pytest.mark.parametrize("width", [320, 360, 412, 768, 1024, 1280, 1920])
def test_nothing_sticks_out_on_any_screen(page: Page, alarmed: Path, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(alarmed.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # A table may scroll in its own frame, but must not hang over it.
    hanging = """[...document.querySelectorAll('section, dl > div, .alarm')].filter(
        s => getComputedStyle(s).overflowX === 'visible' && s.scrollWidth > s.clientWidth + 1)
        .map(s => `${s.className} ${s.scrollWidth} > ${s.clientWidth}`)"""
    assert page.evaluate(hanging) == []
    # Nor may two numbers run into each other.
    touching = """[...document.querySelectorAll('td')].filter(c => c.scrollWidth > c.clientWidth + 1)
        .map(c => c.innerText)"""
    assert page.evaluate(touching) == []


@pytest.mark.parametrize("width", [360, 1280])
def test_an_alarm_is_red_and_seen_before_any_figure(page: Page, alarmed: Path, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(alarmed.as_uri())
    alarm = page.get_by_role("alert")
    assert alarm.locator("strong").all_inner_texts() == ["Incomplete.", "Incomplete.", "Out of date."]
    box, first_figure = alarm.bounding_box(), page.locator("dd").first.bounding_box()
    assert box
    assert first_figure
    assert box["y"] + box["height"] < first_figure["y"]
    assert box["y"] < 800, "on the first screen"
    red, green, blue = page.evaluate(
        "getComputedStyle(document.querySelector('.alarm')).backgroundColor.match(/\\d+/g).map(Number)"
    )
    assert red > 3 * green
    assert red > 3 * blue


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
        german.euro(FIGURES.total.open),
        german.count(FIGURES.total.documents),
    ]
    for kind in ("city", "country"):
        cells = page.locator(f"section.{kind} tfoot td").all_inner_texts()
        assert cells[1] == german.amount(FIGURES.total.net)
    documents, net, still_open = page.locator("section.customer tfoot td").all_inner_texts()
    assert (documents, net) == (german.count(FIGURES.total.documents), german.amount(FIGURES.total.net))
    assert still_open == german.amount(FIGURES.total.open)
    assert page.locator("section.owed tfoot td").all_inner_texts()[1] == still_open


def test_what_sevdesk_lists_is_the_same_by_type_and_by_year(page: Page, file: Path) -> None:
    page.goto(file.as_uri())
    by_type, by_year = page.locator("section.proof tfoot").all()
    numbers = by_year.locator("td").all_inner_texts()
    del numbers[3]  # documents counted
    assert by_type.locator("td").all_inner_texts() == numbers
    total = add_listed(line for line in FIGURES.listed if line.kind.reason != DELETED)
    assert numbers == [
        german.count(total.documents),
        *map(german.amount, (total.net, total.gross, total.counted_net, total.counted_gross)),
    ]


def test_each_table_has_a_caption_and_headed_rows_and_columns(page: Page, file: Path) -> None:
    page.goto(file.as_uri())
    tables = page.locator("table").all()
    assert len(tables) == 8
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
        return Object.fromEntries(['--paper', '--card', '--ink', '--soft', '--accent', '--minus', '--solid',
            '--alarm', '--on-alarm'].map(n => [n, name(n)]));
    }""")
    for text in ("--ink", "--soft", "--accent", "--minus"):
        for ground in ("--paper", "--card"):
            assert contrast(colours[text], colours[ground]) >= 4.5, (scheme, text, ground)
    assert contrast(colours["--on-alarm"], colours["--alarm"]) >= 4.5, (scheme, "alarm")
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


@pytest.mark.parametrize("good", [True, False])
def test_paper_has_the_whole_tables_and_each_total_once(
    page: Page, file: Path, alarmed: Path, tmp_path: Path, good: bool
) -> None:
    page.set_viewport_size({"width": 696, "height": 1000})  # A4 less its margins
    page.goto((file if good else alarmed).as_uri())
    page.emulate_media(media="print")
    hidden = "[...document.querySelectorAll('td, th')].filter(c => c.getClientRects().length === 0).length"
    assert page.evaluate(hidden) == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 696
    styles = """([name, property]) => [...new Set([...document.querySelectorAll(name)]
        .map(e => getComputedStyle(e)[property]))]"""
    assert page.evaluate(styles, ["thead", "display"]) == ["table-header-group"], "repeated on every page"
    assert page.evaluate(styles, ["tfoot", "display"]) == ["table-row-group"], "not repeated"
    assert page.evaluate(styles, ["tr", "breakInside"]) == ["avoid"], "no row is cut"
    page.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
    assert 3 <= (tmp_path / "report.pdf").read_bytes().count(b"/Type /Page\n") <= 7
