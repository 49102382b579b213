"""Periods: what can be chosen, and that like is compared with like."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st
from sevdesk_report import language
from sevdesk_report.periods import Period, Span, periods

TODAY = date(2026, 6, 17)
GERMAN = language("de")


def choices(*days: date, today: date = TODAY) -> dict[str, Period]:
    return {each.key: each for each in periods(days, today, GERMAN)}


def spans(period: Period) -> list[tuple[Span, Span]]:
    return [(each.this, each.other) for each in period.comparisons]


def test_this_year_is_compared_up_to_the_same_day() -> None:
    (found,) = spans(choices()["year"])
    assert found == (
        Span(date(2026, 1, 1), TODAY),
        Span(date(2025, 1, 1), date(2025, 6, 17)),
    )


def test_a_year_that_is_over_is_compared_whole() -> None:
    (found,) = spans(choices()["last-year"])
    assert found[1] == Span(date(2024, 1, 1), date(2024, 12, 31))


def test_twelve_months_are_this_one_and_the_eleven_before() -> None:
    found = choices()["12-months"]
    assert found.span == Span(date(2025, 7, 1), date(2026, 6, 30))
    assert spans(found) == [(Span(date(2025, 7, 1), TODAY), Span(date(2024, 7, 1), date(2025, 6, 17)))]


def test_a_month_is_compared_with_the_one_before_and_with_that_of_last_year() -> None:
    before, year_before = spans(choices(date(2026, 6, 1))["2026-06"])
    assert before[1] == Span(date(2026, 5, 1), date(2026, 5, 17))
    assert year_before[1] == Span(date(2025, 6, 1), date(2025, 6, 17))
    labels = [each.label for each in choices(date(2026, 6, 1))["2026-06"].comparisons]
    assert labels == ["gegenüber dem Vormonat", "gegenüber dem Vorjahresmonat"]


def test_the_last_day_of_a_month_stays_a_last_day() -> None:
    found = choices(date(2026, 2, 3), today=date(2026, 2, 28))["2026-02"]
    assert [other.last for _, other in spans(found)] == [date(2026, 1, 31), date(2025, 2, 28)]
    leap = choices(date(2024, 2, 3), today=date(2024, 2, 29))["2024-02"]
    assert spans(leap)[1][1].last == date(2023, 2, 28)


def test_a_quarter_is_compared_with_last_years_and_with_the_one_before() -> None:
    of_year_before, before = spans(choices(date(2026, 4, 1))["2026-q2"])
    assert of_year_before[1] == Span(date(2025, 4, 1), date(2025, 6, 17))
    assert before[1] == Span(date(2026, 1, 1), date(2026, 3, 17))


def test_what_is_to_come_is_compared_with_nothing() -> None:
    assert choices(date(2027, 1, 5))["2027-01"].comparisons == ()


def test_only_months_with_documents_can_be_chosen() -> None:
    found = choices(date(1900, 1, 1), date(2200, 12, 31))
    assert [key for key, each in found.items() if each.group == "month"] == ["2200-12", "1900-01"]


@given(st.dates(date(1901, 2, 1), date(2199, 12, 31)), st.integers(0, 800))
def test_a_running_period_is_never_set_against_a_whole_one(today: date, before: int) -> None:
    day = max(date(1901, 1, 1), today - timedelta(days=before))
    for period in periods([day], today, GERMAN):
        for comparison in period.comparisons:
            this, other = ((s.last - s.first).days + 1 for s in (comparison.this, comparison.other))
            assert comparison.this.last <= today
            # months have 28 to 31 days, so the same days may differ by a few, never by a month
            assert abs(this - other) <= 3
            assert comparison.other.last < comparison.this.last
