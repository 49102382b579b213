"""The chart of revenue by month: where its bars and its grid are."""

from decimal import Decimal

import pytest
from sevdesk_report.chart import chart, grid_step
from sevdesk_report.page import over_time
from sevdesk_report.ranking import Line
from sevdesk_report.rows import ZERO, read

from tests.helpers.report_by_hand import document, rows


def line(label: str, net: str) -> Line:
    return Line(label, label, "", 1, Decimal(net), Decimal(net), ZERO)


def lines(*months: str) -> list[Line]:
    found = rows(*(document("1.00", invoice_date=f"{month}-15") for month in months))
    return over_time(read(found).documents)


class TestChart:
    @pytest.mark.parametrize(
        ("largest", "step"),
        [
            ("950000", "200000"),
            ("1000000", "200000"),
            ("1100000", "500000"),
            ("7", "2"),
            ("1", "1"),
            ("0", "1"),
        ],
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

    def test_a_single_bar_does_not_fill_the_chart(self) -> None:
        (bar,) = chart([line("2026-01", "100")]).bars
        assert bar.width <= 12
        assert bar.left + bar.width / 2 == pytest.approx(50)

    def test_months_without_documents_are_gaps_not_left_out(self) -> None:
        months = lines("2025-11", "2026-02")
        assert [month.label for month in months] == ["2025-11", "2025-12", "2026-01", "2026-02"]
        assert months[1].net == 0

    def test_beyond_three_years_bars_are_quarters_and_beyond_ten_they_are_years(self) -> None:
        assert [line.label for line in lines("2022-12", "2026-02")][:2] == ["2022-Q4", "2023-Q1"]
        assert [line.label for line in lines("2012-12", "2026-02")][:2] == ["2012", "2013"]
        assert sum(line.net for line in lines("2012-12", "2012-01", "2026-02")) == 3

    def test_a_year_is_named_where_it_begins(self) -> None:
        drawn = chart(lines("2024-11", "2025-01", "2025-12"))
        assert [label for _, label in drawn.labels] == ["2024", "2025"]
