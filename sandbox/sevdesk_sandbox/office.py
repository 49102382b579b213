"""What the firm has from its first day: countries, staff, parts, accounts, categories and other lists."""

from __future__ import annotations

from datetime import date
from random import Random

from faker.providers.date_time import Provider as Countries

from sevdesk_sandbox.clock import stamp
from sevdesk_sandbox.customers import Population, likely
from sevdesk_sandbox.days import FOUNDING, HOUR, at
from sevdesk_sandbox.documents import Part
from sevdesk_sandbox.ledger import Ledger
from sevdesk_sandbox.places import EXTRA_COUNTRIES, HOME_COUNTRIES
from sevdesk_sandbox.records import amount, ref

_LISTS = {
    "Unity": ("Stk", "Std", "pauschal", "kg", "m"),
    "PaymentMethod": ("Überweisung", "Lastschrift", "Bar", "Kreditkarte"),
    "CostCentre": ("Werkstatt", "Laden", "Onlineshop"),
    "CommunicationWayKey": ("Privat", "Arbeit", "Fax", "Mobil", "", "Autobox", "Newsletter", "Rechnung"),
    "AccountingType": ("Einnahmen / Erlöse", "Raumkosten", "Bürobedarf", "Reisekosten", "Bewirtung"),
    "ContactCustomFieldSetting": ("Vertriebsgebiet", "Kundenklasse"),
    "Tag": ("Messe", "Neukunde", "Stammkunde", "Eilauftrag", "Muster"),
}
# id, name, code and kind of contact of the tax rules that bookkeeping system 2.0 has.
_TAX_RULES = """
1 | Umsatzsteuerpflichtige Umsätze | USTPFL_UMS_EINN | DE
2 | Ausfuhren | AUSFUHREN | OTHER
3 | Innergemeinschaftliche Lieferungen | INNERGEM_LIEF | EU
4 | Steuerfreie Umsätze §4 UStG | STFREIE_UMS_P4 | DE
5 | Reverse Charge gem. §13b UStG | REV_CHARGE_13B_1 | DE
8 | Innergemeinschaftliche Erwerbe | INNERGEM_ERWERB | EU
9 | Vorsteuerabziehbare Aufwendungen | VORST_ABZUGSF_AUFW | DE
11 | Steuer nicht erhoben nach §19 UStG | STNE_NACH_P19 | DE
14 | Nicht vorsteuerabziehbare Aufwendungen | NICHT_VORST_ABZUGSF_AUFW | DE
21 | Reverse Charge gem. §18b UStG | REV_CHARGE_18B | EU
"""
_CATEGORIES = {"2": "Lieferant", "3": "Kunde", "4": "Partner", "28": "Interessent", "47": "Arbeit"}


def furnish(book: Ledger, people: Population, rng: Random) -> list[Part]:
    """Write all that into the books at the founding; returns the parts on sale."""
    for position, (code, german, english) in enumerate(_countries(), 1):
        key = f"COUNTRY_{english.upper().replace(' ', '_')}"
        locale = f"{code}_{code.upper()}"
        fields = {"code": code, "name": german, "nameEn": english, "locale": locale, "translationCode": key}
        book.plan(FOUNDING, "StaticCountry", str(position), fields)
    for key, (code, german, english) in EXTRA_COUNTRIES.items():
        book.plan(FOUNDING, "StaticCountry", key, {"code": code, "name": german, "nameEn": english})
    for resource, names in _LISTS.items():
        for position, name in enumerate(names, 1):
            book.plan(FOUNDING, resource, str(position), {"name": name})
    for line in _TAX_RULES.strip().splitlines():
        key, name, code, kind = line.split(" | ")
        rule = {"name": name, "description": name, "code": code, "countryContactType": kind}
        book.plan(FOUNDING, "TaxRule", key, rule)
    for position, name in enumerate(("Musterinhaberin", "Sparplan"), 1):
        rule = {"counterpartName": name}
        book.plan(FOUNDING, "PrivateTransactionRule", str(position), rule)
    for category, name in _CATEGORIES.items():
        kind = "ContactAddress" if name == "Arbeit" else "Contact"
        book.plan(FOUNDING, "Category", category, {"name": name, "objectType": kind})
    for position, first in enumerate(("Erika", "Max", "Otto"), 1):
        user = {"firstName": first, "lastName": "Mustermann", "fullname": f"{first} Mustermann"}
        mail = {"username": f"{first.lower()}@example.com", "email": f"{first.lower()}@example.com"}
        book.plan(FOUNDING, "SevUser", str(position), user | mail)
    book.plan(FOUNDING, "CheckAccount", "1", {"name": "Musterbank", "defaultAccount": "1", "pin": "4711"})
    book.plan(FOUNDING, "CheckAccount", "2", {"name": "Kasse", "type": "register"})
    return [_part(book, position, people, rng) for position in range(1, 41)]


def _countries() -> list[tuple[str, str, str]]:
    known = {code for code, _, _ in HOME_COUNTRIES}
    world = {country.alpha_2_code.lower(): country.name for country in Countries.countries}
    return [
        *HOME_COUNTRIES,
        *((code, name, name) for code, name in sorted(world.items()) if code not in known),
    ]


def _part(book: Ledger, position: int, people: Population, rng: Random) -> Part:
    reduced = position % 8 == 0
    name = f"Muster{people.words(1).lower()} {position:02}"
    part = Part(str(position), name, rng.randint(50, 18_000) * 5, 7 if reduced else 19)
    net, gross = amount(part.cents), amount(part.cents * (100 + part.rate) // 100)
    fields = {
        "name": name,
        "partNumber": f"T-{position:03}",
        "taxRate": str(part.rate),
        "unity": ref("Unity", "1"),
    }
    prices = {"price": net, "priceNet": net, "priceGross": gross, "pricePurchase": amount(part.cents // 2)}
    book.plan(FOUNDING, "Part", str(position), fields | prices | {"stock": str(rng.randint(0, 500))})
    return part


def close_month(book: Ledger, parts: list[Part], day: date, rng: Random) -> None:
    """Count some of the parts on the last evening of a month, and fetch the bank's statement."""
    evening = at(day, 20 * HOUR)
    for part in parts:
        if part.id and likely(rng, 0.3):
            book.plan(evening, "Part", part.id, {"stock": str(rng.randint(0, 500))})
    news = {"lastSync": stamp(evening), "balance": amount(rng.randint(5_000_00, 90_000_00))}
    book.plan(evening, "CheckAccount", "1", news)
