"""The people and companies of the made-up firm: every name is invented, addresses come from Faker."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from faker import Faker

from sevdesk_sandbox.ledger import Ledger
from sevdesk_sandbox.places import COUNTRY_ID, EU, PLACES, Place
from sevdesk_sandbox.records import Record, ref

_TRADES = """bäckerei brauerei druckerei gärtnerei schlosserei tischlerei zahnräder fahrräder optik verlag
    reederei bergbahn möbel spedition apotheke software laternen glocken schrauben uhren"""
_LEGAL = {
    "de": ("GmbH", "GmbH & Co. KG", "AG", "e.K.", "OHG", "UG (haftungsbeschränkt)"),
    "at": ("GmbH", "e.U.", "OG"),
    "ch": ("AG", "GmbH"),
}
_PROVIDERS = [f"faker.providers.{name}" for name in ("person", "address", "bank", "lorem")]


def likely(rng: Random, chance: float) -> bool:
    """Toss a coin."""
    return rng.random() < chance


@dataclass(frozen=True)
class Customer:
    """A customer as the firm knows them.

    `habit` says where the town of their documents can be found: see `address_on`. `pays` is how they pay:
    on_time, late, never, part or skonto. `discount` is in percent.
    """

    id: str
    name: str
    first: str | None  # persons only
    last: str | None
    parent: str | None
    place: Place
    street: str
    iban: str
    habit: str
    discount: int
    pays: str

    @property
    def country(self) -> dict[str, str]:
        """Reference to the customer's StaticCountry."""
        return ref("StaticCountry", COUNTRY_ID[self.place.country])

    @property
    def region(self) -> str:
        """How the customer is taxed: `home`, `eu` (a company elsewhere in the EU) or `export`."""
        if self.place.country in EU:
            return "home" if self.last else "eu"
        return "home" if self.place.country == "de" else "export"

    def town(self, rng: Random) -> str:
        """Spell the town as somebody in a hurry would: mostly right."""
        return self.place.spellings[0] if likely(rng, 0.85) else rng.choice(self.place.spellings)


class Population:
    """Invents customers; a function of the seed and of the order of the calls."""

    def __init__(self, seed: int) -> None:
        """Seed the inventor."""
        self._fake = Faker("de_DE", providers=_PROVIDERS)
        self._fake.seed_instance(seed)

    def words(self, count: int) -> str:
        """Return some German words."""
        return " ".join(self._fake.words(count))

    def customer(self, rng: Random, key: str, parent: Customer | None = None) -> Customer:
        """Invent a company, a person, or a person who works for `parent`."""
        company = parent is None and likely(rng, 0.72)
        place = parent.place if parent else rng.choices(PLACES, [place.weight for place in PLACES])[0]
        first, last = self._fake.first_name(), self._fake.last_name()
        legal = rng.choice(_LEGAL.get(place.country, ("Ltd.", "Inc.")))
        habit = rng.choices(("field", "text", "contact", "nowhere"), (88, 6, 4, 2))[0]
        return Customer(
            id=key,
            name=f"Muster{rng.choice(_TRADES.split())} {last} {legal}" if company else f"{first} {last}",
            first=None if company else first,
            last=None if company else last,
            parent=parent.id if parent else None,
            place=place,
            street=f"{self._fake.street_name()} {rng.randint(1, 180)}",
            iban=str(self._fake.iban()),
            habit=parent.habit if parent else habit,
            discount=rng.choices((0, 3, 5, 10), (85, 6, 5, 4))[0],
            pays=rng.choices(("on_time", "late", "never", "part", "skonto"), (70, 12, 3, 6, 9))[0],
        )


def enter(book: Ledger, customer: Customer, rng: Random, moment: int, number: int) -> list[tuple[str, str]]:
    """Write a customer with address, e-mail, telephone and account; returns the records written."""
    contact = ref("Contact", customer.id)
    book.plan(moment, "Contact", customer.id, _contact(customer, rng, number))
    mail = {"contact": contact, "type": "EMAIL", "value": f"kunde{number}@example.com", "main": "1"}
    phone = {"contact": contact, "type": "PHONE", "value": f"+49 30 23125{number % 1000:03}"}
    parts: list[tuple[str, Record]] = [("CommunicationWay", mail), ("CommunicationWay", phone)]
    parts.append(("AccountingContact", {"contact": contact, "debitorNumber": str(10_000 + number)}))
    if number % 3 == 0:
        setting = ref("ContactCustomFieldSetting", "1" if number % 2 else "2")
        field = {"contactCustomFieldSetting": setting, "value": "Süd" if number % 2 else "A"}
        parts.append(("ContactCustomField", {"contact": contact, **field}))
    if customer.habit != "nowhere":
        parts.append(("ContactAddress", {**address_at(customer, customer.town(rng)), "name": customer.name}))
    written = [(resource, book.add(moment, resource, fields)) for resource, fields in parts]
    return [*written, ("Contact", customer.id)]


def _contact(customer: Customer, rng: Random, number: int) -> Record:
    person, eu_company = customer.last, customer.region == "eu"
    return {
        "name": None if person else customer.name,
        "surename": customer.first,
        "familyname": customer.last,
        "titel": rng.choice(("Einkauf", "Buchhaltung", None)) if person else None,
        "parent": ref("Contact", customer.parent) if customer.parent else None,
        "customerNumber": f"KD-{number}",
        "status": rng.choices(("1000", "500", "100"), (90, 5, 5))[0],
        "category": ref("Category", rng.choices(("3", "2", "4", "28"), (85, 7, 4, 4))[0]),
        "bankAccount": customer.iban if likely(rng, 0.4) else None,
        "vatNumber": f"{customer.place.country.upper()}X{customer.id[-8:]}" if eu_company else None,
        "exemptVat": "1" if eu_company else "0",
        "description": "Stammkunde\n<b>bitte nicht duzen</b>" if likely(rng, 0.2) else None,
        "defaultTimeToPay": "14",
        "defaultDiscountPercentage": "1" if customer.discount else "0",
        "defaultDiscountAmount": str(customer.discount) if customer.discount else None,
    }


def address_at(customer: Customer, town: str) -> Record:
    """Write where a customer lives as the fields of a ContactAddress."""
    contact, country = ref("Contact", customer.id), customer.country
    return {
        "contact": contact,
        "street": customer.street,
        "zip": customer.place.zip,
        "city": town,
        "country": country,
    }


def address_on(customer: Customer, rng: Random) -> Record:
    """Write the address part of a document.

    The town stands in `addressCity`, only in the free text, only with the contact, or nowhere, by habit.
    """
    town = customer.town(rng)
    fields: Record = {"addressCountry": customer.country, "addressName": customer.name}
    if customer.habit in {"field", "text"}:
        fields["address"] = f"{customer.name}\n{customer.street}\n{customer.place.zip} {town}"
    if customer.habit == "field":
        fields |= {"addressStreet": customer.street, "addressZip": customer.place.zip, "addressCity": town}
    return fields
