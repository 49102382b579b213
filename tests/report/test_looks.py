"""How the page looks and what it lets in: phone, paper, dark, without script, hostile names."""

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser
from sevdesk_report import publish

from tests.helpers.browser_page import BOOKS, GERMAN, STALE, View, total
from tests.helpers.report_by_hand import (
    Rows,
    document,
    outside_of,
    page_of,
    rows,
)

WIDE = [
    document(
        "7823456789012.34",
        number=f"RE-2026-00000{number}-KORREKTUR",
        city="Hellschen-Heringsand-Unterschaar an der Nordsee",
        customer_name="Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft mbH",
        customer_id=str(number),
        invoice_date=f"{2022 + number % 5}-0{number % 6 + 1}-15",
        open_eur="9309913578924.68",
        days_overdue=100,
        bucket_order=5,
    )
    for number in range(40)
]


class TestLooks:
    @pytest.mark.parametrize("width", [320, 390, 600, 768, 1024, 1280])
    @pytest.mark.parametrize("address", ["", "#period=year", "#customer=7"])
    def test_nothing_sticks_out(self, view: View, width: int, address: str) -> None:
        view.page.set_viewport_size({"width": width, "height": 800})
        page = view.open(rows(*WIDE, **outside_of(WIDE)), address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        # A table may scroll in its own frame, but must not hang over it.
        hanging = """[...document.querySelectorAll('section, .pair > *, header, dialog')].filter(
            s => s.clientWidth && getComputedStyle(s).overflowX === 'visible'
                && s.scrollWidth > s.clientWidth + 1)
            .map(s => `${s.className || s.id} ${s.scrollWidth} > ${s.clientWidth}`)"""
        assert page.evaluate(hanging) == []

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("address", ["", "#city=DE/Köln"])
    def test_axe_finds_nothing(self, view: View, scheme: Any, address: str) -> None:
        view.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page = view.open(BOOKS | {"report_streams": STALE}, address)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        # axe is put in through the browser's own door, as the page lets no foreign script in
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()

    def test_paper_takes_five_pages_at_most_and_names_the_period(self, view: View, tmp_path: Path) -> None:
        page = view.open(BOOKS, "#period=year")
        page.emulate_media(media="print")
        assert "Dieses Jahr" in page.locator("#period").inner_text()
        assert not page.locator("#periods").is_visible()
        page.set_viewport_size({"width": 703, "height": 1000})  # A4 within its margins
        parts = "[...document.querySelectorAll('.pair > *')]"
        assert (
            page.evaluate(f"{parts}.filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.className)")
            == []
        )
        page.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
        assert 2 <= (tmp_path / "report.pdf").read_bytes().count(b"/Type /Page\n") <= 5

    def test_what_is_behind_a_number_is_printed_whole(self, view: View, tmp_path: Path) -> None:
        """It was cut off after one page, with the overview below it."""
        page = view.open(rows(*[document("1.00", number=f"RE-{number:04}") for number in range(150)]))
        pages = []
        for address in ("", "customer=7"):
            page.evaluate("address => { location.hash = address }", address)
            page.wait_for_function(
                "there => document.getElementById('detail').open === there", arg=bool(address)
            )
            page.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
            pages.append((tmp_path / "report.pdf").read_bytes().count(b"/Type /Page\n"))
        page.emulate_media(media="print")
        height, seen = page.locator("#detail").evaluate("d => [d.scrollHeight, d.clientHeight]")
        assert height == seen
        assert pages[1] > height // 1032, "of A4 within its margins"
        assert not page.locator("main").is_visible()

    def test_without_script_it_is_complete(self, browser: Browser, tmp_path: Path) -> None:
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        publish(page_of(BOOKS), tmp_path / "report.html")
        page.goto((tmp_path / "report.html").as_uri())
        assert page.locator("#net").inner_text() == GERMAN.euro(total(BOOKS["report_documents"], "net_eur"))
        assert page.locator("#cities tbody tr").count() == 21
        assert not page.locator("#periods").is_visible()
        context.close()

    @pytest.mark.parametrize(
        "found",
        [
            {},
            rows(),
            rows(document("-5.00")),
            rows(document("10.00", invoice_date="2023-01-05")),
            rows(document("10.00", invoice_date="1900-01-01"), document("10.00", invoice_date="2200-12-31")),
        ],
        ids=["nothing", "no documents", "a negative month", "three years ago", "far apart"],
    )
    def test_books_of_every_kind_have_a_page(self, view: View, found: Rows) -> None:
        page = view.open(found)
        for key in ("year", "last-year", "12-months", "all"):
            page.locator(f'[data-period="{key}"]').click()
        net = total(found.get("report_documents", []), "net_eur")
        assert page.locator("#net").inner_text() == GERMAN.euro(net)

    def test_no_two_lines_of_the_grid_bear_one_number(self, view: View) -> None:
        page = view.open(rows(document("1.00")))
        assert page.locator("#chart [text-anchor=end]").all_text_contents() == ["0", "1"]


class TestSafety:
    def test_it_asks_nobody_for_anything(self, view: View) -> None:
        asked: list[str] = []
        view.page.on("request", lambda request: asked.append(request.url))
        page = view.open(BOOKS)
        page.locator("#cities .link").first.click()
        assert asked == [view.file.as_uri()]

    def test_names_that_are_markup_stay_text_everywhere(self, view: View) -> None:
        hostile = (
            """<img src=x onerror="document.title='hit'"></script><script>document.title='hit'</script>"""
        )
        bad = document(
            city=hostile,
            customer_name=hostile,
            customer_id=hostile,
            number=hostile,
            open_eur="1.00",
            bucket_order=1,
        )
        page = view.open(rows(bad))
        page.locator("#cities .link").click()
        dialog = page.get_by_role("dialog")
        dialog.locator("tbody .link").click()
        assert hostile in dialog.inner_text()
        page.reload()
        page.wait_for_selector("body[data-ready]")
        assert hostile in dialog.inner_text()
        assert page.title() != "hit"
        assert page.locator("img").count() == 0

    def test_a_hostile_address_is_nothing(self, view: View) -> None:
        page = view.open(BOOKS, "#period=__proto__&city=<img src=x onerror=alert(1)>&bucket=99")
        assert page.locator("img").count() == 0
