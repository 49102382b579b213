"""Numbers, dates and names as a German reader expects them: 1.234.567,89 € and 30.06.2026, 14:00."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")
_SWAP = str.maketrans(",.", ".,")
NO_BREAK_SPACE = "\u00a0"


def count(number: int) -> str:
    """Return 1234 as `1.234`."""
    return f"{number:,}".translate(_SWAP)


def euro(amount: Decimal) -> str:
    """Return an amount in euros to the cent: `1.234,50 €`, with a true minus sign when negative."""
    text = f"{abs(amount):,.2f}".translate(_SWAP) + NO_BREAK_SPACE + "€"
    return f"−{text}" if amount < 0 else text


def moment(instant: datetime) -> str:
    """Return an aware instant as local time in Germany: `30.06.2026, 14:00`."""
    return instant.astimezone(BERLIN).strftime("%d.%m.%Y, %H:%M")
