"""The people and companies of the made-up firm: every name is invented, addresses come from Faker."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from faker import Faker

from sevdesk_sandbox.places import COUNTRY_ID, EU, PLACES, Place
from sevdesk_sandbox.records import Record, ref

_TRADES = (
    "bäckerei brauerei druckerei gärtnerei schlosserei tischlerei zahnräder fahrräder optik verlag reederei "
    "bergbahn möbel spedition apotheke software laternen glocken schrauben uhren"
).split()
_LEGAL = {
    "de": ("GmbH", "GmbH & Co. KG", "AG", "e.K.", "OHG", "UG (haftungsbeschränkt)"),
    "at": ("GmbH", "e.U.", "OG"),
    "ch": ("AG", "GmbH"),
}
_ROLES = ("Einkauf", "Buchhaltung", "Geschäftsführung", None)
_PROVIDERS = [f"faker.providers.{name}" for name in ("person", "address", "bank", "lorem")]
# Where the town of a document can be found: see `address_on`.
_HABITS = ("field", "text", "contact", "nowhere")
_HABIT_WEIGHTS = (88, 6, 4, 2)


@dataclass(frozen=True)
class Customer:
    """A customer as the firm knows them."""

    id: str
    name: str
    company: bool
    parent: str | None
    surename: str | None
    familyname: str | None
    place: Place
    zip: str
    street: str
    email: str
    iban: str
    habit: str
    discount: int  # percent on every invoice
    pays: str  # on_time, late, never, part, skonto

    @property
    def country(self) -> dict[str, str]:
        """Reference to the customer's StaticCountry."""
        return ref("StaticCountry", COUNTRY_ID[self.place.country])

    @property
    def region(self) -> str:
        """How the customer is taxed: `home`, `eu` (a company elsewhere in the EU) or `export`."""
        if self.place.country in EU:
            return "eu" if self.company else "home"
        return "home" if self.place.country == "de" else "export"

    def town(self, rng: Random) -> str:
        """Spell the town as somebody in a hurry would: mostly right."""
        return self.place.spellings[0] if rng.random() < 0.85 else rng.choice(self.place.spellings)


class Population:
    """Invents customers; a function of the seed and of the order of the calls."""

    def __init__(self, seed: int) -> None:
        """Seed the inventor."""
        self._fake = Faker("de_DE", providers=_PROVIDERS)
        self._fake.seed_instance(seed)

    def words(self, count: int) -> str:
        """Some German words."""
        return " ".join(self._fake.words(count))

    def iban(self) -> str:
        """Return an invented German IBAN."""
        return str(self._fake.iban())

    def customer(self, rng: Random, key: str, parent: Customer | None = None) -> Customer:
        """Invent a company, a person, or a person who works for `parent`."""
        company = parent is None and rng.random() < 0.72
        place = parent.place if parent else rng.choices(PLACES, [place.weight for place in PLACES])[0]
        first, last = self._fake.first_name(), self._fake.last_name()
        legal = rng.choice(_LEGAL.get(place.country, ("Ltd.", "Inc.")))
        name = f"Muster{rng.choice(_TRADES)} {last} {legal}" if company else f"{first} {last}"
        habit = parent.habit if parent else rng.choices(_HABITS, _HABIT_WEIGHTS)[0]
        return Customer(
            id=key,
            name=name,
            company=company,
            parent=parent.id if parent else None,
            surename=None if company else first,
            familyname=None if company else last,
            place=place,
            zip=place.zip,
            street=f"{self._fake.street_name()} {rng.randint(1, 180)}",
            email=f"kunde{key}@example.com",
            iban=self.iban(),
            habit=habit,
            discount=rng.choices((0, 3, 5, 10), (85, 6, 5, 4))[0],
            pays=rng.choices(("on_time", "late", "never", "part", "skonto"), (70, 12, 3, 6, 9))[0],
        )


def contact_fields(customer: Customer, rng: Random, customer_number: int) -> Record:
    """Write a customer as a Contact."""
    eu_company = customer.region == "eu"
    return {
        "name": customer.name if customer.company else None,
        "surename": customer.surename,
        "familyname": customer.familyname,
        "titel": None if customer.company else rng.choice(_ROLES),
        "parent": ref("Contact", customer.parent) if customer.parent else None,
        "customerNumber": f"KD-{customer_number}",
        "status": rng.choices(("1000", "500", "100"), (90, 5, 5))[0],
        "category": ref("Category", rng.choices(("3", "2", "4", "28"), (85, 7, 4, 4))[0]),
        "bankAccount": customer.iban if rng.random() < 0.4 else None,
        "vatNumber": f"{customer.place.country.upper()}X{customer.id[-8:]}" if eu_company else None,
        "exemptVat": "1" if eu_company else "0",
        "description": None if rng.random() < 0.8 else "Stammkunde\n<b>bitte nicht duzen</b>",
        "defaultTimeToPay": "14",
        "defaultDiscountPercentage": "1" if customer.discount else "0",
        "defaultDiscountAmount": str(customer.discount) if customer.discount else None,
    }


def address_fields(customer: Customer, rng: Random) -> Record:
    """Write where a customer lives as a ContactAddress."""
    return {
        "contact": ref("Contact", customer.id),
        "street": customer.street,
        "zip": customer.zip,
        "city": customer.town(rng),
        "country": customer.country,
        "name": customer.name,
    }


def address_on(customer: Customer, rng: Random) -> Record:
    """Write the address part of a document.

    The town stands in `addressCity`, only in the free text, only with the contact, or nowhere: by the customer's habit.
    """
    town = customer.town(rng)
    text = f"{customer.name}\n{customer.street}\n{customer.zip} {town}"
    fields: Record = {"addressCountry": customer.country, "addressName": customer.name}
    if customer.habit == "field":
        structured = {"addressStreet": customer.street, "addressZip": customer.zip, "addressCity": town}
        fields |= structured | {"address": text}
    elif customer.habit == "text":
        fields |= {"address": text}
    return fields
