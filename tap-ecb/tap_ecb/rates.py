"""The ECB's history as rates: bytes of a zip or CSV file in, rates and remarks out; no network.

The file has one row a day and one column a currency: `Date,USD,JPY,...`, the newest day first, `N/A` where a
currency had no rate on that day, and a comma at the end of each line.
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

LARGEST = 64 * 1024 * 1024
"""Bytes of the unpacked file that are accepted; the real one has 2 million."""

_CURRENCY = re.compile(r"[A-Z]{3}")
_RATE = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NO_RATE = {"", "N/A"}
_NO_ZIP = (zipfile.BadZipFile, zlib.error, ValueError, OSError, EOFError, NotImplementedError, RuntimeError)
"""What zipfile raises on bytes that are no zip file, damaged, encrypted or packed in an unknown way."""


class UnusableError(Exception):
    """A file is not the ECB's history; the message says why, without quoting it."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How many units of `currency` were one euro on `rate_date`; `rate` is the ECB's own text."""

    rate_date: date
    currency: str
    rate: str


@dataclass(frozen=True)
class History:
    """The rates of a file, oldest first, and a remark for each kind of thing in it that was left out."""

    rates: Sequence[Rate]
    remarks: Sequence[str]

    @property
    def last_day(self) -> date:
        """The newest day that has a rate."""
        return self.rates[-1].rate_date


def read_history(content: bytes, *, until: date) -> History:
    """Read a file, zipped or not; rates of days after `until` are left out, as no rate is known ahead.

    Raises UnusableError when there is no rate in it at all.
    """
    rows = csv.reader(io.StringIO(_text(content), newline=""))
    try:
        header = [name.strip() for name in next(rows, [])]
        if not header or header[0] != "Date":
            raise UnusableError("it does not begin with the column Date")
        days, skipped = _by_day(header, rows, until)
    except csv.Error as error:
        raise UnusableError("it is no CSV file") from error
    rates = [rate for day in sorted(days) for rate in days[day]]
    if not rates:
        raise UnusableError("it holds no rate")
    return History(rates, skipped.remarks())


def _text(content: bytes) -> str:
    if content.startswith(b"PK"):
        content = _unzipped(content)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnusableError("it is not text") from error


def _unzipped(content: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            (name,) = (each for each in archive.namelist() if each.lower().endswith(".csv"))
            with archive.open(name) as file:
                unpacked = file.read(LARGEST + 1)
    except _NO_ZIP as error:
        raise UnusableError("it is no zip file with one CSV file") from error
    if len(unpacked) > LARGEST:
        raise UnusableError("it is far too large")
    return unpacked


@dataclass
class _Skipped:
    """What was left out, with the first place of each kind: lines of the file, counted from 1."""

    rows: int = 0
    first_row: int = 0
    cells: int = 0
    first_cell: str = ""

    def row(self, line: int) -> None:
        """Count a row."""
        self.rows += 1
        self.first_row = self.first_row or line

    def cell(self, line: int, currency: str) -> None:
        """Count a rate."""
        self.cells += 1
        self.first_cell = self.first_cell or f"{currency} in line {line}"

    def remarks(self) -> list[str]:
        """Return one sentence for each kind."""
        found = []
        if self.rows:
            found.append(
                f"{self.rows} rows were skipped, the first in line {self.first_row}: "
                "their date is unreadable, in the future, or there already."
            )
        if self.cells:
            found.append(
                f"{self.cells} rates were skipped, the first is {self.first_cell}: "
                "they are no positive numbers."
            )
        return found


def _by_day(
    header: list[str], rows: Iterable[list[str]], until: date
) -> tuple[dict[date, list[Rate]], _Skipped]:
    """Return each day's rates, and what was skipped: malformed, twice the same day, or after `until`."""
    columns = {name: index for index, name in enumerate(header) if _CURRENCY.fullmatch(name)}
    days: dict[date, list[Rate]] = {}
    skipped = _Skipped()
    for line, row in enumerate(rows, start=2):
        if not any(row):
            continue
        day = _day(row[0])
        if day is None or day in days or day > until:
            skipped.row(line)
            continue
        days[day] = []
        for currency, index in sorted(columns.items()):
            text = row[index].strip() if index < len(row) else ""
            if text in _NO_RATE:
                continue
            if _RATE.fullmatch(text) and text.strip("0."):
                days[day].append(Rate(day, currency, text))
            else:
                skipped.cell(line, currency)
    return days, skipped


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None
