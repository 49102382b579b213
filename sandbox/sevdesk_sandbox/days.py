"""The firm's calendar: days of Berlin as Unix seconds, and back."""

from __future__ import annotations

from datetime import date, datetime, time
from functools import cache

from sevdesk_sandbox.clock import BERLIN, stamp

DAY, HOUR = 86_400, 3_600
FOUNDED = date(2024, 11, 1)
_STATEMENT = 15  # the day of the month on which the bookkeeper books the bank statement


def at(day: date, seconds: float = 0) -> int:
    """Unix seconds of a day's local midnight, plus some seconds."""
    return int(datetime.combine(day, time(), BERLIN).timestamp() + seconds)


FOUNDING = at(FOUNDED)


def day_of(moment: int) -> date:
    """Return the local day of a moment in Unix seconds."""
    return datetime.fromtimestamp(moment, BERLIN).date()


def midnight(moment: int) -> str:
    """Write the business date of a moment as the API does: local midnight."""
    return _midnight(moment // HOUR)


@cache
def _midnight(hour: int) -> str:
    return stamp(at(day_of(hour * HOUR)))


def noon(moment: int) -> str:
    """Write the day of a moment as bank lines and payments bear it: at noon."""
    return stamp(int(datetime.combine(day_of(moment), time(12), BERLIN).timestamp()))


def next_month(day: date) -> date:
    """Return the first of the next month."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def statement_after(moment: int) -> int:
    """When a whole bank statement is booked in one second: half past nine on the next 15th."""
    day = day_of(moment)
    month = next_month(day) if day.day >= _STATEMENT else day
    return at(month.replace(day=_STATEMENT), 9.5 * HOUR)
