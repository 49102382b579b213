"""Numbers and dates as a German reader expects them: 1.234.567,89 € and 30.06.2026, 14:00."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")
MILLION = 1_000_000
NO_BREAK_SPACE = "\u00a0"
_SWAP = str.maketrans(",.", ".,")


def count(number: int) -> str:
    """Return 1234 as `1.234`."""
    return f"{number:,}".translate(_SWAP)


def amount(euros: Decimal) -> str:
    """Return euros to the cent: `1.234,50`, with a true minus sign when negative."""
    text = f"{abs(euros):,.2f}".translate(_SWAP)
    return f"−{text}" if euros < 0 else text


def euro(euros: Decimal) -> str:
    """Return `1.234,50 €`; it does not break across lines."""
    return f"{amount(euros)}{NO_BREAK_SPACE}€"


def short(euros: Decimal) -> str:
    """Return whole euros for an axis: `250.000`, and `2,5 Mio.` from a million on."""
    if abs(euros) < MILLION:
        return count(int(euros)).replace("-", "−")
    return f"{(euros / MILLION).normalize():f}".replace(".", ",").replace("-", "−") + f"{NO_BREAK_SPACE}Mio."


def month(label: str) -> str:
    """Return `2026-06` as `06.2026`."""
    return f"{label[5:]}.{label[:4]}"


def moment(instant: datetime) -> str:
    """Return an aware instant as local time in Germany: `30.06.2026, 14:00`."""
    return instant.astimezone(BERLIN).strftime("%d.%m.%Y, %H:%M")


def day(instant: datetime) -> str:
    """Return an aware instant as the date in Germany: `30.06.2026`."""
    return instant.astimezone(BERLIN).strftime("%d.%m.%Y")
