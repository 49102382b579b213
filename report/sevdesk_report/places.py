"""Names of cities, countries and customers as the report writes them."""

from functools import cache

from babel import Locale

from sevdesk_report.language import Language
from sevdesk_report.rows import NO_COUNTRY, UNKNOWN


def city_name(city: str, words: Language) -> str:
    """Return the city, or words for none."""
    return words.text("Without a city") if city in {UNKNOWN, ""} else city


def customer_name(customer: str, words: Language) -> str:
    """Return the customer, or words for none."""
    return words.text("Without a name") if customer in {UNKNOWN, ""} else customer


def country_name(code: str, name: str, words: Language) -> str:
    """Return the country: in German as sevDesk writes it (`name`), else as Unicode's CLDR does."""
    if code == NO_COUNTRY or not (code or name):
        return words.text("Without a country")
    if words.code == "de" and name and name != UNKNOWN:
        return name
    return _territories(words.code).get(code) or name or code


@cache
def _territories(code: str) -> dict[str, str]:
    return {key: str(name) for key, name in Locale(code).territories.items()}
