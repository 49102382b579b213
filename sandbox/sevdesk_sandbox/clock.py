"""The sandbox's clock, and sevDesk's way of writing times."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import TypeAlias
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")
Moment: TypeAlias = "str | datetime"


def parse_moment(value: Moment) -> datetime:
    """Read an ISO 8601 time with offset as aware UTC.

    Raises:
        ValueError: when it is no ISO time, or has no offset.

    """
    try:
        moment = datetime.fromisoformat(value.replace("Z", "+00:00")) if isinstance(value, str) else value
    except ValueError:
        raise ValueError(f"{value} is no time: write it as in 2026-06-30T12:00:00+00:00") from None
    if moment.tzinfo is None:
        raise ValueError(f"{value} lacks its offset from UTC: write it as in 2026-06-30T12:00:00+00:00")
    return moment.astimezone(timezone.utc)


def stamp(epoch: int) -> str:
    """Write Unix seconds as the API does: local time in Berlin, second resolution, with offset."""
    start, offset = _hour(epoch // 3600)
    return f"{start}{epoch // 60 % 60:02}:{epoch % 60:02}{offset}"


@cache
def _hour(count: int) -> tuple[str, str]:
    """Return the parts of a stamp that an hour shares: Berlin's offset is whole hours."""
    text = datetime.fromtimestamp(count * 3600, BERLIN).isoformat()
    return text[:14], text[19:]


def epoch_of(value: object) -> int | None:
    """Unix seconds of a time as the API writes it; None for null and for anything that is no time."""
    try:
        moment = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    except ValueError:
        return None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=BERLIN)).timestamp())


class Clock:
    """A clock that is real, or frozen until someone moves it."""

    def __init__(self, now: Moment | None = None) -> None:
        """Freeze at `now`; None follows the real time."""
        self._frozen = None if now is None else parse_moment(now)

    @property
    def is_set(self) -> bool:
        """Whether it stands where somebody set it; answers say so, as a client may distrust such a clock."""
        return self._frozen is not None

    @property
    def now(self) -> datetime:
        """The present, aware, in UTC."""
        return self._frozen or datetime.now(timezone.utc)

    @property
    def epoch(self) -> int:
        """The present in whole Unix seconds."""
        return int(time.time()) if self._frozen is None else int(self._frozen.timestamp())

    def set(self, now: Moment | None) -> None:
        """Freeze at another moment; None goes back to the real time."""
        self._frozen = None if now is None else parse_moment(now)

    def advance(self, **delta: float) -> None:
        """Move on by `hours=1` or whatever `timedelta` takes, and stay frozen there."""
        self._frozen = self.now + timedelta(**delta)
