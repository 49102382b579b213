"""What time a record was changed, and up to when a stream is known to be complete.

Pure functions over aware UTC times. sevDesk writes times of one second's resolution with the offset of
Germany (`2024-04-08T00:00:00+02:00`); other forms have been seen in single fields, so they are understood
too (BEHAVIOR.md 12, 21).
"""

import functools
import re
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_ISO = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})(?:[T ](?P<time>\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?)?\s*"
    r"(?P<zone>Z|[+-]\d{2}:?\d{2})?"
)
_GERMAN = re.compile(
    r"(?P<day>\d{2})\.(?P<month>\d{2})\.(?P<year>\d{4})(?: (?P<time>\d{2}:\d{2}(?::\d{2})?))?"
)
_EPOCH = re.compile(r"\d{9,11}")
_EARLIEST = datetime.min.replace(tzinfo=timezone.utc)
_USUAL_LENGTH = len("2024-04-08T00:00:00+02:00")
_HOURS = {f"T{hour:02}": hour for hour in range(24)}
_WITHIN_HOUR = {f":{second // 60:02}:{second % 60:02}": second for second in range(3600)}


def _berlin() -> timezone | ZoneInfo:
    try:
        return ZoneInfo("Europe/Berlin")
    except (
        ZoneInfoNotFoundError
    ):  # a machine without time zone data: an hour off in winter, the lookback's length
        return timezone(timedelta(hours=2))


def _zone(text: str | None) -> timezone | ZoneInfo:
    if text is None:
        return _berlin()
    if text == "Z":
        return timezone.utc
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)


def parse_time(text: object) -> datetime | None:
    """Read a time as sevDesk sends it; `None` when there is none or it cannot be read.

    Understood are ISO 8601 with an offset, ISO 8601 without one and `dd.mm.yyyy[ hh:mm[:ss]]` (both local
    German time; of the hour that October has twice, the first), and epoch seconds. Fractions are cut off.
    """
    if not isinstance(text, (str, int)) or isinstance(text, bool):
        return None
    text = str(text).strip()
    try:
        if match := _ISO.fullmatch(text):
            local = datetime.fromisoformat(f"{match['date']}T{match['time'] or '00:00'}")
            return local.replace(tzinfo=_zone(match["zone"])).astimezone(timezone.utc)
        if match := _GERMAN.fullmatch(text):
            date = f"{match['year']}-{match['month']}-{match['day']}"
            local = datetime.fromisoformat(f"{date}T{match['time'] or '00:00'}")
            return local.replace(tzinfo=_berlin()).astimezone(timezone.utc)
        if _EPOCH.fullmatch(text):
            return datetime.fromtimestamp(int(text), timezone.utc)
    except (ValueError, OverflowError):  # a 31st of February, a year beyond 9999
        pass
    return None


@functools.lru_cache(maxsize=1 << 14)
def _day(date_and_zone: str) -> tuple[int, tuple[str, ...]] | None:
    """Return when a local day begins, in seconds since 1970, and date and hour in UTC of its 24 hours.

    `None` for what is no day, and where hours do not begin together with those of UTC.
    """
    date, zone = date_and_zone[:10], date_and_zone[10:]
    midnight = parse_time(f"{date}T00:00:00{zone}") if zone[:1] in ("+", "-") else None
    if midnight is None or midnight.minute:
        return None
    try:
        hours = tuple(format_time(midnight + timedelta(hours=hour))[:13] for hour in range(24))
    except OverflowError:  # beyond the year 9999
        return None
    return int(midnight.timestamp()), hours


def read_time(text: object) -> tuple[int, str] | None:
    """Read a time like `parse_time`; return the seconds since 1970, and the text as the tap emits it.

    It is fast for the form that sevDesk sends, as every row has two of them: four times as fast as parsing.
    """
    if isinstance(text, str) and len(text) == _USUAL_LENGTH:
        minutes = text[13:19]
        hour, seconds = _HOURS.get(text[10:13]), _WITHIN_HOUR.get(minutes)
        if hour is not None and seconds is not None and (day := _day(text[:10] + text[19:])) is not None:
            return day[0] + 3600 * hour + seconds, f"{day[1][hour]}{minutes}+00:00"
    moment = parse_time(text)
    return None if moment is None else (int(moment.timestamp()), format_time(moment))


def format_time(moment: datetime) -> str:
    """Write an aware time as the tap emits it, in UTC: `2026-06-30T10:00:00+00:00`."""
    return moment.astimezone(timezone.utc).isoformat(timespec="seconds")


def lower_bound(
    bookmark: datetime | None, start_date: datetime | None, lookback: timedelta
) -> datetime | None:
    """From when on changes are wanted; `None` means everything, a full read.

    A bookmark wins over `start_date`, whichever is later: a `start_date` that counted beside a bookmark would
    leave out, without a word, what changed between the two (BEHAVIOR.md 48). Only bookmarks are moved back by
    the lookback; `start_date` is meant as it is written.
    """
    if bookmark is not None:
        return bookmark - min(lookback, bookmark - _EARLIEST)
    return start_date


def next_bookmark(
    bookmark: datetime | None, largest_update: datetime | None, cap: datetime, *, complete: bool
) -> datetime | None:
    """Return the bookmark after a read: the largest `update` seen, never past `cap`, never backwards.

    `cap` is the server's time when the read began: what changes later may have been passed already, and one
    row dated 2999 must not end the stream for good. A read that may have missed something moves nothing.
    """
    if not complete or largest_update is None:
        return bookmark
    reached = min(largest_update, cap)
    return reached if bookmark is None else max(bookmark, reached)
