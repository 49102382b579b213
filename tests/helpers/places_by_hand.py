"""City and country of documents by the written rules, in plain Python: the second computation's places."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from functools import cache
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unicodedata import combining, normalize

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from tests.helpers.books_by_hand import Document

ALIASES = Path(__file__).parents[2] / "transform" / "seeds" / "city_aliases.csv"


def find_places(documents: Sequence[Document], books: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Set city and country of each document: both from the document, or both from its contact."""
    countries = {c["id"]: c["code"].upper() for c in books["StaticCountry"]}
    kept = _addresses(books["ContactAddress"])
    firms = {c["id"]: reference(c, "parent") for c in books["Contact"]}
    spelt: dict[
        str, tuple[tuple[str, str], str]
    ] = {}  # document: key of its city, name by this document alone
    for document in documents:
        record = document.record
        contact = reference(record, "contact")
        own_country = countries.get(reference(record, "addressCountry"), "")
        postcode, city = tidy(record.get("addressZip")), tidy(record.get("addressCity"))
        if not city:
            postcode, city = _in_text(record.get("address"))
        of_contact = [*kept.get(contact, []), *kept.get(firms.get(contact, ""), [])]
        address = _agreeing(of_contact, city, own_country, countries)
        with_contact = countries.get(reference(address, "country"), "")
        if city:
            same_city = fold(tidy(address.get("city"))) == fold(city)
            same_postcode = bool(postcode) and tidy(address.get("zip")) == postcode
            lent = with_contact if same_city or same_postcode else ""
            document.country = own_country or lent or _told_by(city, postcode)
        else:
            postcode, city = tidy(address.get("zip")), tidy(address.get("city"))
            document.country = (with_contact or own_country) if city else (own_country or with_contact)
            document.country = document.country or (_told_by(city, postcode) if city else "ZZ")
        alias = _alias(city, document.country, postcode)
        city = city or "Unknown"
        spelt[document.id] = ((document.country, fold(alias or city)), alias or city)
    names = _names({d.id: d.day for d in documents}, spelt, {alias[3] for alias in _aliases()})
    for document in documents:
        document.city = names[spelt[document.id][0]]


def _told_by(city: str, postcode: str) -> str:
    """Return the country that the city is known to be in, else the home country, if the postcode fits it."""
    digits = sum(letter.isdigit() for letter in postcode)
    known = {a[1] for a in _aliases() if a[0] == fold(city) and postcode.startswith(a[2])}
    for country in sorted(known, key=lambda code: (code != "DE", code)):
        if digits in {0, 4 if country in {"AT", "CH", "LI", "BE", "NL", "DK", "LU"} else 5}:
            return country
    return "DE" if digits in {0, 5} else "ZZ"


def _agreeing(
    addresses: Sequence[Mapping[str, Any]], city: str, country: str, countries: Mapping[str, str]
) -> Mapping[str, Any]:
    """Choose the contact's address that agrees with the document, else its best one."""
    agreeing = [
        address
        for address in addresses
        if (fold(tidy(address["city"])) == fold(city) if city else True)
        and (city or countries.get(reference(address, "country")) == country)
    ]
    return next(iter([*agreeing, *addresses]), {})


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


def _addresses(addresses: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """Each contact's addresses with a city or a country: those with a city first, then as entered."""
    kept: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for address in sorted(addresses, key=lambda a: (not tidy(a["city"]), int(a["id"]))):
        if tidy(address["city"]) or address["country"]:
            kept[reference(address, "contact")].append(address)
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
    for umlaut, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss"), ("ł", "l"), ("-", " ")):
        key = key.replace(umlaut, letters)
    return "".join(letter for letter in normalize("NFD", key) if not combining(letter))


def tidy(text: str | None) -> str:
    """Read HTML entities as what they mean, and make every run of blanks one blank."""
    return re.sub("[ \u00a0\t]+", " ", unescape(text or "")).strip()


def reference(record: Mapping[str, Any], field: str) -> str:
    """Return the id that a record refers to, empty if none."""
    return str((record.get(field) or {}).get("id", ""))
