"""Amounts and times as Germans write them."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sevdesk_report import german


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
