"""sevDesk's time, by which a run says when things happened: its own clock may be wrong (BEHAVIOR.md 59)."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from time import monotonic

from tap_sevdesk.errors import RunError

TOLERANCE = timedelta(minutes=5)
"""By how much this machine's clock may differ from sevDesk's before a run is refused."""
SIMULATED = "Simulated-Now"
"""Header of a simulator whose clock was set by hand: what it takes the present for, in place of real time.

Its dates count from there: one that is two hours later than its present is two hours later than real time.
"""


class Clock:
    """The server's clock as its answers show it, carried on by time that passed; it never goes back.

    Before the first answer, and when answers bear no date, it is the local clock. Whole seconds, as the
    server's are. Safe to use from several threads.
    """

    def __init__(
        self, local: Callable[[], datetime] | None = None, ticks: Callable[[], float] = monotonic
    ) -> None:
        self._local, self._ticks = local or self._now, ticks
        self._lock = threading.Lock()
        self._shown: tuple[datetime, float] | None = None
        self._latest: datetime | None = None
        self._ahead = timedelta()
        self.date: datetime | None = None
        """The date of the last answer as it was sent; `None` when none had one."""

    @staticmethod
    def _now() -> datetime:
        return datetime.now(timezone.utc)

    def show(self, date: datetime | None, simulated: datetime | None = None) -> None:
        """Take the date of an answer that has just come, and a simulator's present if it is one."""
        if date is not None:
            local = self._local()
            with self._lock:
                self._ahead = (simulated or local) - date
                self._shown = (local - self._ahead, self._ticks())
                self.date = date

    def now(self) -> datetime:
        """Return the server's time, aware, in UTC."""
        with self._lock:
            if self._shown is None:
                return self._local().replace(microsecond=0)
            date, then = self._shown
            now = (date + timedelta(seconds=self._ticks() - then)).replace(microsecond=0)
            self._latest = now if self._latest is None else max(self._latest, now)
            return self._latest

    def difference(self) -> timedelta:
        """Return by how much the local clock was ahead of the last date; negative if behind, 0 if unknown."""
        return self._ahead


def refuse_wrong_clock(difference: timedelta) -> None:
    """Raise `RunError` when the local clock is ahead of sevDesk's, or behind it, by more than `TOLERANCE`."""
    if abs(difference) <= TOLERANCE:
        return
    side = "ahead of" if difference > timedelta() else "behind"
    by = timedelta(seconds=int(abs(difference).total_seconds()))
    msg = (
        f"This machine's clock is {by} {side} sevDesk's. Nothing was read. "
        "Set the date, the time and the time zone of this machine right, then run again."
    )
    raise RunError(msg)
