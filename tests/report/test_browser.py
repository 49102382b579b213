"""The page in a browser: periods, what is behind a number, keyboard, out of date."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sevdesk_report.periods import periods

from tests.helpers.browser_page import BOOKS, GERMAN, STALE, View, total
from tests.helpers.report_by_hand import (
    MAX_AGE,
    TODAY,
    document,
    listed,
    receivable,
    rows,
    status,
)

DOCUMENTS = BOOKS["report_documents"]


def within(first: date | None, last: date | None) -> list[dict[str, Any]]:
    return [
        each
        for each in DOCUMENTS
        if first is None or (last and first.isoformat() <= each["invoice_date"] <= last.isoformat())
    ]


class TestPeriods:
    def test_totals_agree_with_the_documents_to_the_cent_in_every_period(self, view: View) -> None:
        page = view.open(BOOKS)
        days = [date.fromisoformat(each["invoice_date"]) for each in DOCUMENTS]
        choices = periods(days, TODAY, GERMAN)
        assert len(choices) > 50
        for period in choices:
            page.evaluate("key => { location.hash = 'period=' + key }", period.key)
            page.wait_for_function(
                "label => $('period').startsWith(label)".replace(
                    "$('period')", "document.getElementById('period').textContent"
                ),
                arg=period.label,
            )
            span = period.span
            inside = within(span.first if span else None, span.last if span else None)
            net, gross = total(inside, "net_eur"), total(inside, "gross_eur")
            assert page.locator("#net").inner_text() == GERMAN.euro(net), period.key
            assert page.locator("#gross").inner_text() == GERMAN.euro(gross), period.key
            assert page.locator("#documents").inner_text() == GERMAN.count(len(inside)), period.key
            assert page.locator("#open").inner_text() == GERMAN.euro(total(inside, "open_eur")), period.key
            for table in ("cities", "countries", "customers"):
                cells = page.locator(f"#{table} tfoot td").all_text_contents()
                assert cells[:3] == [GERMAN.count(len(inside)), GERMAN.amount(net), GERMAN.amount(gross)]
            assert page.locator("#buckets tfoot td").all_text_contents()[1] == GERMAN.amount(
                total(inside, "open_eur")
            )
            if inside:
                assert page.locator("#months tfoot td").all_text_contents()[1] == GERMAN.amount(net)

    def test_a_click_chooses_a_period_and_a_colleague_opens_the_same_view(self, view: View) -> None:
        page = view.open(BOOKS)
        page.get_by_role("button", name="Dieses Jahr").click()
        assert page.url.endswith("#period=year")
        seen = page.locator("#net").inner_text()
        assert seen == GERMAN.euro(total(within(date(2026, 1, 1), date(2026, 12, 31)), "net_eur"))
        page.reload()
        page.wait_for_selector("body[data-ready]")
        assert page.locator("#net").inner_text() == seen
        page.get_by_label("Monat", exact=True).select_option("2026-05")
        assert "Mai 2026" in page.locator("#period").inner_text()
        page.go_back()
        assert page.locator("#net").inner_text() == seen

    def test_a_running_period_is_set_against_the_same_days_only(self, view: View) -> None:
        now = rows(
            document("150.00", invoice_date="2026-02-10"),
            document("100.00", invoice_date="2025-06-30"),
            document("999.00", invoice_date="2025-07-01"),
            document("1.00", invoice_date="2024-01-01"),
        )
        page = view.open(now, "#period=year")
        said = page.locator("#comparisons li").inner_text()
        assert said.startswith("+50,0\u00a0% gegenüber dem Vorjahr")
        assert "01.01.2025 – 30.06.2025: 100,00\u00a0€" in said
        assert page.locator("#cities tfoot .change").inner_text() == "+50,0\u00a0%"

    def test_a_year_before_the_first_loaded_document_is_no_comparison(self, view: View) -> None:
        found = rows(
            document("150.00", invoice_date="2026-02-10"), report_status=[status(complete_since="2025-03-01")]
        )
        page = view.open(found, "#period=year")
        assert "nichts zum Vergleichen" in page.locator("#comparisons").inner_text()

    def test_nor_is_a_month_that_was_loaded_in_part(self, view: View) -> None:
        found = rows(
            document("150.00", invoice_date="2026-02-10"),
            document("90.00", invoice_date="2026-03-10"),
            document("60.00", invoice_date="2025-02-20"),
            document("60.00", invoice_date="2025-03-20"),
            report_status=[status(complete_since="2025-02-15")],
        )
        page = view.open(found, "#period=year")
        march, february, january = page.locator("#months tbody .change").all_text_contents()[-3:]
        assert (march, february, january) == ("+50,0\u00a0%", "–", "–")

    def test_amounts_beyond_what_a_double_holds_are_exact(self, view: View) -> None:
        found = [document("9999999999999.99", gross_eur="9999999999999.99") for _ in range(12)]
        page = view.open(rows(*found, document("0.01", gross_eur="0.01")))
        assert page.locator("#net").inner_text() == GERMAN.euro(
            12 * Decimal("9999999999999.99") + Decimal("0.01")
        )

    def test_so_are_those_that_are_in_no_total(self, view: View) -> None:
        """An open amount, and drafts, far above what was billed."""
        draft = listed(1, "9999999999999.99", status="100", exclusion_reason="draft")
        found = rows(
            document("1.00", open_eur="90071992547409.93"),
            report_listed=[draft | {"invoice_month": f"20{year}-01-01"} for year in range(10, 22)],
        )
        page = view.open(found)
        assert page.locator("#open").inner_text() == GERMAN.euro(Decimal("90071992547409.93"))
        drafts = page.locator('[data-line="draft"] b').inner_text()
        assert drafts == GERMAN.euro(12 * Decimal("9999999999999.99"))

    def test_a_month_to_come_is_set_against_none(self, view: View) -> None:
        found = rows(
            document("150.00", invoice_date="2026-02-10"),
            document("70.00", invoice_date="2026-08-01"),
            document("100.00", invoice_date="2025-02-10"),
            document("100.00", invoice_date="2025-08-10"),
            document("100.00", invoice_date="2025-12-10"),
        )
        page = view.open(found, "#period=year")
        changes = page.locator("#months tbody .change").all_text_contents()
        months = dict(zip(range(12, 0, -1), changes, strict=True))
        assert (months[12], months[8], months[2]) == ("–", "–", "+50,0\u00a0%")


class TestBehindANumber:
    """Every question is answered by at most two clicks, and the way back is clear."""

    def test_a_city_opens_its_customers_and_a_customer_its_documents(self, view: View) -> None:
        page = view.open(BOOKS, "#period=year")
        page.locator("#cities .link").first.click()
        dialog = page.get_by_role("dialog")
        city = dialog.locator("h2").evaluate("h => h.firstChild.textContent")
        inside = [each for each in within(date(2026, 1, 1), date(2026, 12, 31)) if each["city"] == city]
        assert dialog.locator("tfoot td").all_text_contents()[1] == GERMAN.amount(total(inside, "net_eur"))
        dialog.locator("tbody .link").first.click()
        customer = dialog.locator("h2").evaluate("h => h.firstChild.textContent")
        mine = [each for each in inside if each["customer_name"] == customer]
        assert dialog.locator("tbody tr").count() == len(mine)
        for row, each in zip(
            dialog.locator("tbody tr").all(),
            sorted(mine, key=lambda d: (d["invoice_date"], d["number"]), reverse=True),
            strict=True,
        ):
            assert each["number"] in row.inner_text()
            assert GERMAN.amount(Decimal(each["net_eur"])) in row.inner_text()
        dialog.get_by_role("button", name=city).click()
        assert dialog.locator("h2").evaluate("h => h.firstChild.textContent") == city
        page.keyboard.press("Escape")
        assert page.get_by_role("dialog").count() == 0
        assert page.url.endswith("#period=year")

    def test_a_number_of_many_digits_is_shown_as_it_is(self, view: View) -> None:
        numbers = ["20260615123456789", "20260615123456788", "R-9007199254740995", "R-9007199254740993"]
        page = view.open(rows(*(document(number=number) for number in numbers)), "#customer=7")
        shown = page.get_by_role("dialog").locator("tbody th span").all_text_contents()
        assert [each.split()[0] for each in shown] == sorted(numbers, reverse=True)

    def test_a_bucket_opens_its_documents(self, view: View) -> None:
        page = view.open(BOOKS)
        page.get_by_role("button", name="über 90 Tage überfällig").click()
        late = [each for each in DOCUMENTS if each["bucket_order"] == 5]
        dialog = page.get_by_role("dialog")
        assert dialog.locator("tbody tr").count() == len(late)
        assert dialog.locator(".figure").inner_text().startswith(GERMAN.euro(total(late, "open_eur")))

    def test_who_owes_opens_the_open_documents_of_the_customer(self, view: View) -> None:
        page = view.open(BOOKS)
        page.locator("#owing .link").first.click()
        dialog = page.get_by_role("dialog")
        customer = dialog.locator("h2").evaluate("h => h.firstChild.textContent")
        mine = [e for e in DOCUMENTS if e["customer_name"] == customer and Decimal(e["open_eur"])]
        assert dialog.locator("tbody tr").count() == len(mine)

    def test_a_bill_that_is_due_on_its_own_day_has_that_day(self, view: View) -> None:
        """In books where each bill is due at once."""
        late = document(due_date="2026-06-15", open_eur="119.00", bucket_order=2, days_overdue=15)
        page = view.open(rows(late, report_receivables=[receivable()]), "#customer=7")
        assert page.get_by_role("dialog").locator("tbody .late").inner_text() == "15.06.2026"
        page.keyboard.press("Escape")
        assert page.locator("#owing tbody td").nth(2).inner_text() == "15.06.2026 · 15 Tage"

    @pytest.mark.parametrize("kind", ["city", "country", "customer"])
    def test_a_link_to_what_has_no_document_any_more_says_that_there_is_none(
        self, view: View, kind: str
    ) -> None:
        dialog = view.open(BOOKS, f"#{kind}=gone").get_by_role("dialog")
        assert dialog.locator("h2").evaluate("h => h.firstChild.textContent") == "gone"
        assert dialog.locator(".figure").inner_text().endswith("0 Belege")

    def test_documents_in_question_open_without_leaving_the_page(self, view: View) -> None:
        page = view.open(BOOKS)
        page.get_by_text("Belege mit Klärungsbedarf").click()
        assert page.get_by_text("Das Datum ist nicht lesbar.").is_visible()

    def test_all_of_it_works_from_the_keyboard(self, view: View) -> None:
        page = view.open(BOOKS)
        page.locator("#cities .link").first.focus()
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog")
        assert dialog.is_visible()
        assert page.evaluate("document.activeElement.id") == "detail-title"
        dialog.locator("tbody .link").first.focus()
        page.keyboard.press("Enter")
        page.go_back()
        page.go_back()
        assert dialog.count() == 0

    def test_a_city_is_found_among_many(self, view: View) -> None:
        page = view.open(BOOKS)
        page.get_by_label("Ort suchen").fill("köln")
        assert page.locator("#cities tbody tr").count() == 1
        assert page.locator("#found").inner_text() == "1 gefunden"

    def test_no_list_is_longer_than_can_be_shown_and_all_can_be_seen(self, view: View) -> None:
        many = [document("1.00", number=f"RE-{number:04}") for number in range(450)]
        page = view.open(rows(*many), "#customer=7")
        dialog = page.get_by_role("dialog")
        assert dialog.locator("tbody tr").count() == 200
        dialog.get_by_role("button", name="200 weitere zeigen").click()
        dialog.get_by_role("button", name="50 weitere zeigen").click()
        numbers = [text.split()[0] for text in dialog.locator("tbody th").all_inner_texts()]
        assert numbers == [f"RE-{number:04}" for number in range(449, -1, -1)]


class TestOutOfDate:
    def test_a_page_left_open_says_so_by_itself(self, view: View) -> None:
        page = view.open(BOOKS)
        assert not page.locator("#outdated").is_visible()
        page.clock.fast_forward(int((MAX_AGE + timedelta(minutes=1)).total_seconds() * 1000))
        assert page.locator("#outdated").is_visible()
        assert "Veraltet." in page.locator("#outdated").inner_text()

    @pytest.mark.parametrize("width", [390, 1280])
    def test_an_alarm_is_red_and_seen_before_any_figure(self, view: View, width: int) -> None:
        view.page.set_viewport_size({"width": width, "height": 800})
        page = view.open(BOOKS | {"report_streams": STALE})
        alarm = page.locator(".alarm:visible").last
        box, figure = alarm.bounding_box(), page.locator("#net").bounding_box()
        assert box
        assert figure
        assert box["y"] + box["height"] < figure["y"]
        assert page.locator(".alarm:visible strong").all_inner_texts().count("Veraltet.") == 1
        colour = "e => getComputedStyle(e).backgroundColor.match(/\\d+/g).map(Number)"
        red, green, blue = alarm.evaluate(colour)
        assert red > 3 * max(green, blue)
