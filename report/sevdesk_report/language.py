"""One language of the report: its words, from the message catalog, and its notation of numbers and dates.

The messages in the code are English; `locale/de.po` has the German ones, in the terms of German finance.
"""

import gettext
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from babel.dates import get_month_names
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = ("de", "en")
LOCALE = Path(__file__).with_name("locale")
BERLIN = ZoneInfo("Europe/Berlin")
NO_BREAK_SPACE = "\u00a0"
CENT = Decimal("0.01")
UNITS = {
    "de": (("\u00a0Bio.", 10**12), ("\u00a0Mrd.", 10**9), ("\u00a0Mio.", 10**6)),
    "en": (("tn", 10**12), ("bn", 10**9), ("m", 10**6)),
}
"""Units of an axis, each with its size in euros, the largest first."""
_SWAP = str.maketrans(",.", ".,")


@dataclass(frozen=True)
class Language:
    """Words and notation of `code`, one of LANGUAGES."""

    code: str
    messages: gettext.NullTranslations

    def text(self, message: str, **values: object) -> str:
        """Return `message` in this language, with `values` in place of its %(name)s."""
        translated = self.messages.gettext(message) if message else ""
        return translated % values if values else translated

    def plural(self, one: str, many: str, number: int, **values: object) -> str:
        """Return `one` or `many`, as `number` demands; %(number)s in it is the number, written."""
        return self.messages.ngettext(one, many, number) % {"number": self.count(number), **values}

    def count(self, number: int) -> str:
        """Return 1234 as `1.234` in German and `1,234` in English."""
        return self._marks(f"{number:,}").replace("-", "−")

    def amount(self, euros: Decimal) -> str:
        """Return euros to the cent: `1.234,50`, with a true minus sign when negative."""
        rounded = euros.quantize(CENT, ROUND_HALF_UP)
        return self._marks(f"{rounded:,.2f}").replace("-", "−")

    def euro(self, euros: Decimal) -> str:
        """Return `1.234,50 €`, in English `€1,234.50`; it does not break across lines."""
        if self.code == "de":
            return f"{self.amount(euros)}{NO_BREAK_SPACE}€"
        return f"{'−' if euros < 0 else ''}€{self.amount(abs(euros))}"

    def short(self, euros: Decimal) -> str:
        """Return whole euros for an axis: `250.000`, and from a million on `2,5 Mio.`, Mrd. or Bio."""
        for unit, size in UNITS[self.code]:
            if abs(euros) >= size:
                return self._marks(f"{(euros / size).normalize():,f}").replace("-", "−") + unit
        return self.count(int(euros))

    def percent(self, share: Decimal, *, signed: bool = False) -> str:
        """Return 12.34 as `12,3 %`, in English `12.3%`; `signed` puts a plus sign before gains."""
        number = self._marks(f"{share:{'+' if signed else ''},.1f}").replace("-", "−")
        return f"{number}{NO_BREAK_SPACE}%" if self.code == "de" else f"{number}%"

    def day(self, day: date) -> str:
        """Return a calendar date as `30.06.2026`, in English `30 Jun 2026`."""
        if self.code == "de":
            return day.strftime("%d.%m.%Y")
        return f"{day.day} {self.month_names('abbreviated')[day.month - 1]} {day.year}"

    def moment(self, instant: datetime) -> str:
        """Return an aware instant as local time in Germany: `30.06.2026, 14:00`."""
        local = instant.astimezone(BERLIN)
        return f"{self.day(local.date())}, {local:%H:%M}"

    def month(self, day: date) -> str:
        """Return the month of `day`: `Juni 2026`."""
        return f"{self.month_names('wide')[day.month - 1]} {day.year}"

    def month_names(self, width: Literal["wide", "abbreviated"]) -> list[str]:
        """Return the twelve months, `wide` or `abbreviated`."""
        names = get_month_names(width, "stand-alone", self.code)
        return [str(names[number]) for number in range(1, 13)]

    def listed(self, parts: list[str]) -> str:
        """Return `invoices, credit notes and contacts`."""
        *first, last = parts
        return " ".join([", ".join(first), self.text("and"), last]) if first else last

    def _marks(self, number: str) -> str:
        return number.translate(_SWAP) if self.code == "de" else number


@cache
def language(code: str, locale: Path | None = None) -> Language:
    """Return the language `de` or `en`. Raises ValueError for another one.

    `locale` is the folder of another catalog, for words beside those of the report.
    """
    if code not in LANGUAGES:
        raise ValueError(f"The report is written in {' or '.join(LANGUAGES)}, not in '{code}'.")
    messages = _catalog(code, LOCALE)
    if locale:
        own = _catalog(code, locale)
        own.add_fallback(messages)
        messages = own
    return Language(code, messages)


def _catalog(code: str, locale: Path) -> gettext.NullTranslations:
    """Return the messages of `<code>.po`, compiled here: no binary file to keep in step with it."""
    path = locale / f"{code}.po"
    if not path.exists():  # English is what the code says
        return gettext.NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=code))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


english = language("en")
"""English words and notation, which the log of a run has whatever the language of page and alerts."""
