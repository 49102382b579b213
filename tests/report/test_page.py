"""The report's page: what it says and how it is written; how it looks is in test_report_browser.py."""

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sevdesk_report import page as report
from sevdesk_report.figures import Figures, Stream
from sevdesk_report.freshness import hours, miscount, troubles
from sevdesk_report.proof import DELETED, Kind, Listed, proof

from tests.helpers.report_by_hand import MAX_AGE, NOW, line, page_of, text, whole


class TestProof:
    def test_what_counts_is_apart_from_what_does_not_in_the_order_of_sevdesk(self) -> None:
        kinds = [("MA", "200", "reminder"), ("GU", "1000", ""), ("RE", "1000", ""), ("RE", "200", "")]
        lines = [
            Listed(Kind(year, code, "", status, "", reason), 1, Decimal(2), Decimal(3))
            for year in ("2025", "2026")
            for code, status, reason in kinds
        ]
        counted, not_counted = proof(lines).groups
        assert [(line.kind.code, line.kind.status, line.net) for line in counted.kinds] == [
            ("RE", "200", Decimal(4)),
            ("RE", "1000", Decimal(4)),
            ("GU", "1000", Decimal(4)),
        ]
        assert (not_counted.total.documents, not_counted.total.gross) == (2, Decimal(6))

    def test_each_year_is_compared_list_by_list(self) -> None:
        codes = [("2026", "RE"), ("2026", "GU"), ("2026", "SR"), ("", "RE"), ("2021", "RE"), ("2020", "RE")]
        lines = [
            Listed(Kind(year, code), 1)
            for year, code in [*codes, ("2025", "RE"), ("2024", "GU"), ("2024", "MA")]
        ]
        assert [(line.kind.year, line.kind.type, line.documents) for line in proof(lines).years] == [
            ("", "invoices", 1),
            ("earlier", "invoices", 2),
            ("2024", "invoices", 1),
            ("2024", "credit notes", 1),
            ("2025", "invoices", 1),
            ("2026", "invoices", 2),
            ("2026", "credit notes", 1),
        ]

    def test_what_is_deleted_in_sevdesk_cannot_be_in_its_lists(self) -> None:
        lines = [
            Listed(Kind("2026", "RE"), 1, Decimal(2)),
            Listed(Kind("2026", "RE", reason=DELETED), 3, Decimal("4.5")),
        ]
        sheet = proof(lines)
        assert sheet.total.documents == sum(line.documents for line in sheet.years) == 1
        page = text(page_of(replace(whole([line("Köln", "2")]), listed=lines)))
        assert "no longer in sevDesk: what was deleted there, 3 documents, 4,50 € net" in page


class TestAlarm:
    """A stale or incomplete source says so in red at the top."""

    GOOD = whole([line("Köln", "1")])

    def but(self, **changes: object) -> Figures:
        return replace(self.GOOD, streams=[replace(self.GOOD.streams[0], **changes), *self.GOOD.streams[1:]])  # type: ignore[arg-type]

    def test_figures_that_are_fresh_and_complete_raise_none(self) -> None:
        assert troubles(self.GOOD, NOW + MAX_AGE, MAX_AGE) == []
        assert 'class="alarm"' not in page_of(self.GOOD)

    def test_data_older_than_promised_are_out_of_date(self) -> None:
        page = page_of(self.GOOD, NOW + MAX_AGE + timedelta(seconds=1))
        assert page.index('class="alarm"') < page.index("<dl>"), "above all figures"
        assert (
            "Out of date. Invoices, credit notes, contacts, contact addresses and static countries"
            in text(page)
        )
        assert "not been read completely since 30.06.2026, 14:00, so later changes are missing" in text(page)
        assert "make dev" in text(page)

    @pytest.mark.parametrize(
        ("changes", "state"),
        [
            ({"complete": False}, "not complete"),
            ({"count_agrees": False, "seen": 4007, "expected": 4008}, "4.007 of 4.008"),
            ({"complete": False, "count_agrees": False, "seen": 1, "expected": 2}, "1 of 2"),
        ],
    )
    def test_a_read_that_did_not_see_all_is_incomplete(self, changes: dict[str, object], state: str) -> None:
        page = page_of(self.but(**changes))
        assert "Incomplete. The latest read of invoices did not see everything" in text(page)
        assert "make nightly" in text(page)
        assert f'class="wrong">{state}</td>' in page

    def test_a_list_never_read_is_incomplete(self) -> None:
        page = page_of(self.but(as_of=None, complete=False))
        assert "Incomplete. Invoices have never been read completely" in text(page)
        assert 'class="wrong">never read</td>' in page

    def test_a_count_that_the_server_does_not_give_is_no_alarm(self) -> None:
        assert troubles(self.but(count_agrees=None, expected=None), NOW, MAX_AGE) == []

    def test_who_reads_the_ranking_in_the_terminal_is_told_too(self) -> None:
        assert report.summary(self.but(complete=False), NOW, MAX_AGE).startswith(
            "Incomplete. The latest read of invoices"
        )
        assert report.summary(self.GOOD, NOW, MAX_AGE).startswith("revenue: ")

    def test_a_miscount_is_told_by_stream_and_difference_in_one_sentence(self) -> None:
        wrong = [
            Stream("invoices", seen=1234, expected=1235),
            Stream("vouchers", seen=5003, expected=3),
            Stream("tags", seen=0, expected=2),
        ]
        assert miscount(replace(self.GOOD, miscounted=wrong)) == (
            "The latest read saw 1 fewer invoices, 5.000 more vouchers and 2 fewer tags than sevDesk counts."
        )
        assert miscount(self.GOOD) == ""

    @pytest.mark.parametrize(("minutes", "said"), [(180, "3 hours"), (90, "90 minutes"), (60, "60 minutes")])
    def test_the_promise_is_said_as_it_is_set(self, minutes: int, said: str) -> None:
        age = timedelta(minutes=minutes)
        assert hours(age) == said
        assert f"If the time above is more than {said} ago" in text(report.render(self.GOOD, NOW, age))


class TestPage:
    def test_what_customers_wrote_is_text_not_html(self) -> None:
        page = page_of(whole([line("<script>alert('&')</script>", "1")]))
        assert "<script" not in page
        assert "&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;" in page

    def test_it_says_totals_and_when(self) -> None:
        shown = text(page_of(whole([line("Köln", "1000.50"), line("Bonn", "234.06")])))
        assert "Net 1.234,56 €" in shown
        assert "Gross 2.469,12 €" in shown
        assert "Data as of 30.06.2026, 14:00" in shown

    def test_the_long_tail_is_one_line_so_that_the_table_adds_up(self) -> None:
        cities = [line(f"Stadt {number}", "10") for number in range(25)]
        shown = text(page_of(whole(cities)))
        assert "Stadt 19 " in shown
        assert "Stadt 20 " not in shown
        assert "5 others 5 50,00" in shown

    def test_years_before_the_latest_three_are_added_up(self) -> None:
        months = [line(f"{year}-{month:02}", "1") for year in range(2020, 2027) for month in (1, 2)]
        years = report.by_year(months)
        assert [(year, total) for year, _, total in years] == [
            ("earlier", Decimal(8)),
            ("2024", Decimal(2)),
            ("2025", Decimal(2)),
            ("2026", Decimal(2)),
        ]
        assert years[0][1] == {1: 4, 2: 4}

    def test_nothing_on_it_comes_from_elsewhere(self) -> None:
        page = page_of(whole([line("Köln", "1")]))
        assert not re.search(r"https?:|//|src=|href=|url\(|@import|<script|<link", page)


class TestWriting:
    def test_a_page_that_cannot_be_written_leaves_the_old_one(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        page = tmp_path / "output" / "report.html"
        report.write("old", page)

        def full_disk(*_: object, **__: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(Path, "write_text", full_disk)
        with pytest.raises(OSError, match="No space left"):
            report.write("new", page)
        assert page.read_text() == "old"

    def test_nothing_else_is_left_beside_it(self, tmp_path: Path) -> None:
        report.write("new", tmp_path / "report.html")
        assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_the_ranking_as_text_adds_up_the_rest() -> None:
    cities = [line("Köln", "1000.50"), line("Bonn", "99.00"), line("Ulm", "1.00"), line("Ahlen", "0.50")]
    assert report.ranking("by city", cities, 2).replace("\u00a0", " ").splitlines() == [
        "by city",
        "  1  Köln      DE  1.000,50 €",
        "  2  Bonn      DE     99,00 €",
        "     2 others          1,50 €",
    ]
