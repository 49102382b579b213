"""City and country of documents by the written rules, in plain Python: the second computation's places."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from tests.helpers.books_by_hand import Document

ALIASES = Path(__file__).parents[2] / "transform" / "seeds" / "city_aliases.csv"


def find_places(documents: Sequence[Document], books: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Set city and country of each document."""
    countries = {c["id"]: c["code"].upper() for c in books["StaticCountry"]}
    kept = _one_address_each(books["ContactAddress"])
    spelt: dict[
        str, tuple[tuple[str, str], str]
    ] = {}  # document: key of its city, name by this document alone
    for document in documents:
        record, address = document.record, kept.get(reference(document.record, "contact"), {})
        known = (
            countries.get(reference(source, field))
            for source, field in ((record, "addressCountry"), (address, "country"))
        )
        document.country = next((code for code in known if code), "ZZ")
        on_paper = (tidy(record.get("addressZip")), tidy(record.get("addressCity")))
        with_contact = (tidy(address.get("zip")), tidy(address.get("city")))
        chain = (on_paper, _in_text(record.get("address")), with_contact, ("", "Unknown"))
        postcode, city = next(place for place in chain if place[1])
        alias = _alias(city, document.country, postcode)
        spelt[document.id] = ((document.country, fold(alias or city)), alias or city)
    names = _names({d.id: d.day for d in documents}, spelt, {alias[3] for alias in _aliases()})
    for document in documents:
        document.city = names[spelt[document.id][0]]


def _names(
    days: Mapping[str, date], spelt: Mapping[str, tuple[tuple[str, str], str]], proper: set[str]
) -> dict[tuple[str, str], str]:
    """Choose what each city is called: its proper name by alias, else the spelling used most, else last."""
    used: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    last: dict[tuple[str, str, str], date] = {}
    for document, (key, name) in spelt.items():
        used[key][name] += 1
        last[*key, name] = max(last.get((*key, name), days[document]), days[document])
    return {
        key: min(
            found, key=lambda name: (name not in proper, -found[name], -last[*key, name].toordinal(), name)
        )
        for key, found in used.items()
    }


def _one_address_each(addresses: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Of each contact's addresses one with a city, else with a country; the one entered first."""
    kept: dict[str, Mapping[str, Any]] = {}
    for address in sorted(addresses, key=lambda a: (not tidy(a["city"]), int(a["id"]))):
        if tidy(address["city"]) or address["country"]:
            kept.setdefault(reference(address, "contact"), address)
    return kept


def _in_text(address: str | None) -> tuple[str, str]:
    """Return postcode and city of the last line like `D-12345 Ort`."""
    lines = [tidy(line) for line in re.split(r"<br ?/?>|\r|\n", address or "")]
    for line in reversed(lines):
        match = re.fullmatch(r"(?:[A-Za-z]{1,2}-)?(\d[\d-]*) (.+)", line)
        if match and len(match[1].replace("-", "")) in {4, 5}:
            return match[1].replace("-", ""), match[2]
    return "", ""


def _alias(city: str, country: str, postcode: str) -> str | None:
    """Return the proper name by the alias with the longest fitting start of the postcode."""
    fitting = [a for a in _aliases() if a[:2] == (fold(city), country) and postcode.startswith(a[2])]
    return max(fitting, key=lambda a: len(a[2]))[3] if fitting else None


@cache
def _aliases() -> list[tuple[str, str, str, str]]:
    with ALIASES.open(encoding="utf-8") as file:
        return [
            (fold(a["spelling"]), a["country_code"], a["zip_prefix"], a["city"]) for a in csv.DictReader(file)
        ]


def fold(city: str) -> str:
    """Return the key that all spellings of a city share."""
    key = tidy(city).lower()
    for umlaut, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        key = key.replace(umlaut, letters)
    return key


def tidy(text: str | None) -> str:
    """Make every run of blanks one blank."""
    return re.sub("[ \u00a0\t]+", " ", text or "").strip()


def reference(record: Mapping[str, Any], field: str) -> str:
    """Return the id that a record refers to, empty if none."""
    return str((record.get(field) or {}).get("id", ""))
