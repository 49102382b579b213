"""The chart of revenue by month: where its bars and its grid are."""

from decimal import Decimal

import pytest
from sevdesk_report.chart import chart, grid_step, without_gaps

from tests.helpers.report_by_hand import line


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
