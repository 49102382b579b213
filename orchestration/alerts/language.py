"""The language of alerts: the report's, with a catalog of their own (`locale/de.po`; English is in the code).

Reasons of failures come as English sentences from the tap, from dbt and from this project, in logs and in
Dagster's history. One that the catalog does not have is left to the view for engineers, so that no message is
half in English.
"""

import re
from decimal import Decimal
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po
from sevdesk_report import Language, language

LOCALE = Path(__file__).with_name("locale")
ELSEWHERE = "The details are for an engineer, behind the link."
OF_THE_REPORT = (  # whose package has the translations
    "The latest read saw not as many as sevDesk counts.",
    "%(name)s: %(number)s fewer",
    "%(name)s: %(number)s more",
)
PHRASES = ("and %(number)s more", "(%(number)s rows)")


def words(code: str) -> Language:
    """Return the language `code` with the words of alerts. Raises ValueError for one that there is not."""
    return language(code, LOCALE)


def reason(text: str, said_in: Language) -> str:
    """Return `text`, an English reason, in the language: sentence by sentence, without unknown ones."""
    if said_in.code == "en":
        return text
    sentences = re.split(r"(?<=[.!?])\s+", text.strip())
    known = [found for each in sentences if (found := _sentence(each, said_in) or _list(each, said_in))]
    return " ".join(known) or said_in.text(ELSEWHERE)


def _sentence(text: str, said_in: Language) -> str:
    for template, pattern in _reasons(said_in.code):
        if found := pattern.fullmatch(text):
            values = {name: _value(value, said_in) for name, value in found.groupdict().items()}
            return said_in.text(template, **values)
    return ""


def _list(text: str, said_in: Language) -> str:
    """Return a sentence that is a list of what `_sentence` knows."""
    parts = [_sentence(each, said_in) for each in re.split(r", | and ", text.removesuffix("."))]
    return f"{said_in.listed(parts)}." if all(parts) else ""


def _value(value: str, said_in: Language) -> str:
    """Return a number in the notation of the language, a list of sevDesk by its name there, else `value`."""
    if re.fullmatch(r"-?[\d,]*\d\.\d\d", value):
        return said_in.amount(Decimal(value.replace(",", "")))
    if re.fullmatch(r"-?\d{1,3}(,\d{3})+", value):
        return said_in.count(int(value.replace(",", "")))
    for phrase, pattern in _patterns(PHRASES):
        value = pattern.sub(lambda found, phrase=phrase: said_in.text(phrase, **found.groupdict()), value)  # type: ignore[misc]
    return said_in.text(value)


@cache
def _reasons(code: str) -> list[tuple[str, re.Pattern[str]]]:
    """Return what the catalog of a language has, with what matches it: what says more comes first."""
    with (LOCALE / f"{code}.po").open("rb") as file:
        known = [entry.id for entry in read_po(file) if entry.id and isinstance(entry.id, str)]
    return _patterns((*sorted(known, key=len, reverse=True), *OF_THE_REPORT))


@cache
def _patterns(templates: tuple[str, ...]) -> list[tuple[str, re.Pattern[str]]]:
    """Return each template with what matches it."""
    return [
        (each, re.compile(re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.+?)", re.escape(each)))) for each in templates
    ]
