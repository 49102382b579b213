"""The report's page: what it says and how it is written; how it looks is in test_report_browser.py."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from orchestration import german, report
from orchestration.chart import chart, grid_step, without_gaps
from orchestration.figures import Figures, FiguresDisagreeError, Line, add, figures


def line(label: str, net: str, country: str = "DE", documents: int = 1) -> Line:
    return Line(label, documents, Decimal(net), Decimal(net) * 2, country)


def whole(cities: list[Line], months: list[Line] | None = None) -> Figures:
    return Figures(
        as_of=datetime(2026, 6, 30, 12, 0, tzinfo=UTC),
        total=add(cities),
        cities=cities,
        countries=[add(cities, "Deutschland")],
        months=months or [add(cities, "2026-06")],
    )


def text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL))


class TestGermanNotation:
    @pytest.mark.parametrize(
        ("amount", "shown"),
        [
            ("1234567.89", "1.234.567,89\u00a0€"),
            ("0", "0,00\u00a0€"),
            ("-0.5", "−0,50\u00a0€"),
            ("12345678901234567.89", "12.345.678.901.234.567,89\u00a0€"),
        ],
    )
    def test_amounts_are_shown_to_the_cent(self, amount: str, shown: str) -> None:
        assert german.euro(Decimal(amount)) == shown

    @pytest.mark.parametrize(
        ("amount", "shown"),
        [
            ("250000", "250.000"),
            ("-50000", "−50.000"),
            ("2500000", "2,5\u00a0Mio."),
            ("10000000", "10\u00a0Mio."),
        ],
    )
    def test_an_axis_has_short_numbers(self, amount: str, shown: str) -> None:
        assert german.short(Decimal(amount)) == shown

    @pytest.mark.parametrize(
        ("instant", "shown"),
        [
            (datetime(2026, 6, 30, 22, 30, tzinfo=UTC), "01.07.2026, 00:30"),
            (datetime(2026, 12, 31, 12, 0, tzinfo=UTC), "31.12.2026, 13:00"),
        ],
    )
    def test_times_are_those_of_berlin_in_summer_and_in_winter(self, instant: datetime, shown: str) -> None:
        assert german.moment(instant) == shown


def row(part: str, label: str | None, net: str, position: int | None = None) -> dict[str, object]:
    return {
        "part": part,
        "country_code": None,
        "label": label,
        "position": position,
        "documents": 1,
        "net": net,
        "gross": net,
        "data_as_of": "2026-06-30T12:00:00+00:00",
    }


ROWS = [
    row("total", None, "10.10"),
    row("city", "Köln", "10.10", 1),
    row("country", "Deutschland", "10.10", 1),
    row("month", "2026-06", "10.10"),
]


class TestFigures:
    def test_amounts_are_exact(self) -> None:
        big = "12345678901234567.89"
        found = figures([{**entry, "net": big, "gross": big} for entry in ROWS])
        assert found.total.net == found.cities[0].net == Decimal(big)

    def test_snowflakes_capital_letters_make_no_difference(self) -> None:
        assert figures([{name.upper(): value for name, value in entry.items()} for entry in ROWS]) == figures(
            ROWS
        )

    def test_rankings_follow_the_mart_and_then_the_alphabet(self) -> None:
        rows = [row("city", "Ulm", "0", 3), row("city", "Bonn", "0", 2), row("city", "Aachen", "0", 2)]
        rows = [{**entry, "documents": 0} for entry in rows]
        assert [city.label for city in figures([*ROWS, *rows]).cities] == ["Köln", "Aachen", "Bonn", "Ulm"]

    @pytest.mark.parametrize("part", ["city", "country", "month"])
    def test_parts_that_do_not_add_up_make_no_report(self, part: str) -> None:
        rows = [{**entry, "net": "10.11"} if entry["part"] == part else entry for entry in ROWS]
        with pytest.raises(
            FiguresDisagreeError, match=f"by {part} is 10.11 EUR net, but all documents are 10.10"
        ):
            figures(rows)

    def test_a_firm_without_documents_has_a_report_too(self) -> None:
        nothing = figures([{**row("total", None, "0"), "documents": 0, "data_as_of": None}])
        assert nothing.as_of is None
        assert "Nothing has been read completely yet." in text(report.render(nothing))


class TestPage:
    def test_what_customers_wrote_is_text_not_html(self) -> None:
        page = report.render(whole([line("<script>alert('&')</script>", "1")]))
        assert "<script" not in page
        assert "&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;" in page

    def test_it_says_totals_and_when(self) -> None:
        shown = text(report.render(whole([line("Köln", "1000.50"), line("Bonn", "234.06")])))
        assert "Net 1.234,56 €" in shown
        assert "Gross 2.469,12 €" in shown
        assert "Data as of 30.06.2026, 14:00" in shown

    def test_the_long_tail_is_one_line_so_that_the_table_adds_up(self) -> None:
        cities = [line(f"Stadt {number}", "10") for number in range(25)]
        shown = text(report.render(whole(cities)))
        assert "Stadt 19 " in shown
        assert "Stadt 20 " not in shown
        assert "5 others 5 50,00" in shown

    def test_years_before_the_latest_three_are_added_up(self) -> None:
        months = [line(f"{year}-{month:02}", "1") for year in range(2020, 2027) for month in (1, 2)]
        years = report.by_year(months)
        assert [(year, total) for year, _, total in years] == [
            ("earlier", 8),
            ("2024", 2),
            ("2025", 2),
            ("2026", 2),
        ]
        assert years[0][1] == {1: 4, 2: 4}

    def test_nothing_on_it_comes_from_elsewhere(self) -> None:
        page = report.render(whole([line("Köln", "1")]))
        assert not re.search(r"https?:|//|src=|href=|url\(|@import|<script|<link", page)


class TestChart:
    @pytest.mark.parametrize(
        ("largest", "step"),
        [("950000", "200000"), ("1000000", "200000"), ("1100000", "500000"), ("7", "2"), ("0", "1")],
    )
    def test_grid_steps_are_round(self, largest: str, step: str) -> None:
        assert grid_step(Decimal(largest)) == Decimal(step)

    def test_bars_stand_on_zero_and_losses_hang_below_it(self) -> None:
        drawn = chart([line("2026-01", "100"), line("2026-02", "-50")])
        gain, loss = drawn.bars
        assert gain.top + gain.height == pytest.approx(loss.top)
        assert loss.top + loss.height == pytest.approx(100)
        assert gain.height == pytest.approx(2 * loss.height)

    def test_no_bar_leaves_the_chart(self) -> None:
        for amounts in (["155"], ["1", "99999"], ["-3"], ["0"], ["0.01", "-700"]):
            for bar in chart([line("2026-01", amount) for amount in amounts]).bars:
                assert bar.top >= 0
                assert bar.top + bar.height <= 100.0001

    def test_months_without_revenue_are_gaps_not_left_out(self) -> None:
        months = without_gaps([line("2025-11", "1"), line("2026-02", "1")])
        assert [month.label for month in months] == ["2025-11", "2025-12", "2026-01", "2026-02"]
        assert months[1].net == 0

    def test_it_shows_the_latest_three_years_at_most(self) -> None:
        months = [line(f"{year}-{month:02}", "1") for year in range(2020, 2027) for month in range(1, 13)]
        assert chart(months).years == [("2024", 12), ("2025", 12), ("2026", 12)]


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
