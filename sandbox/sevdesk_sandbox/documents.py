"""What stands in a document: lines, tax and money. All money is in whole cents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random

from sevdesk_sandbox.records import Record, amount, exact, ref

NEW_TAX_FORM = date(2025, 1, 1)  # documents from this day on have the form of bookkeeping system 2.0


@dataclass(frozen=True)
class Part:
    """Something the firm sells; `cents` net per unit, `rate` of tax in percent."""

    id: str | None
    name: str
    cents: int
    rate: int


@dataclass(frozen=True)
class Line:
    """A position: `tenths` is the quantity times ten."""

    part: Part
    tenths: int = 10

    @property
    def net(self) -> int:
        """Cents before discount and tax."""
        return _round(self.part.cents * self.tenths, 10)


@dataclass(frozen=True)
class Tax:
    """How a document is taxed: rule of system 2.0, type of system 1.0, its wording."""

    rule: str
    kind: str
    text: str
    taxed: bool = False


HOME = Tax("1", "default", "Umsatzsteuer 19%", taxed=True)
SMALL = Tax("11", "ss", "Steuer nicht erhoben nach §19 UStG")
_EU = Tax("3", "eu", "Steuerfreie innergemeinschaftliche Lieferung (Europäische Union)")
_EXPORT = Tax("2", "noteu", "Steuerfreie Ausfuhr (außerhalb EU)")
_REVERSE = Tax("5", "custom", "Steuerschuldnerschaft des Leistungsempfängers nach §13b UStG")


def tax_for(region: str, day: date, rng: Random) -> Tax:
    """Choose the tax: in its first two months the firm is a small one and charges none."""
    if day < NEW_TAX_FORM:
        return SMALL
    if region == "home":
        return _REVERSE if rng.randrange(50) == 0 else HOME
    return _EU if region == "eu" else _EXPORT


@dataclass(frozen=True)
class Money:
    """The sums of a document in one currency, in cents."""

    net: int
    tax: int
    discount: int = 0

    @property
    def gross(self) -> int:
        """Net plus tax, in cents."""
        return self.net + self.tax

    def part(self, percent: int) -> Money:
        """Return a share of it."""
        return Money(_round(self.net * percent, 100), _round(self.tax * percent, 100))

    def minus(self, other: Money) -> Money:
        """Return what is left without the other."""
        return Money(self.net - other.net, self.tax - other.tax)

    def at(self, rate: int) -> Money:
        """Return it in euros; `rate` is foreign units per euro times 10,000."""
        return Money(*(_round(cents * 10_000, rate) for cents in (self.net, self.tax, self.discount)))


def _round(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)


def total(lines: list[Line], discount: int, tax: Tax) -> Money:
    """Add lines up, take a discount in percent off each tax rate, and tax what is left."""
    net = taxes = off = 0
    for rate in {line.part.rate for line in lines}:
        before = sum(line.net for line in lines if line.part.rate == rate)
        less = _round(before * discount, 100)
        net, off = net + before - less, off + less
        taxes += _round((before - less) * rate, 100) if tax.taxed else 0
    return Money(net, taxes, off)


def money_fields(money: Money, currency: str = "EUR", rate: int | None = None) -> Record:
    """Write the sums. With a rate the plain ones are euros, and the foreign ones the document's own."""
    home = money.at(rate) if rate else money
    fields: Record = {"currency": currency}
    for suffix, sums in (("", home), ("ForeignCurrency", money if rate else Money(0, 0))):
        pairs = (("Net", sums.net), ("Tax", sums.tax), ("Gross", sums.gross), ("Discounts", sums.discount))
        fields |= {f"sum{name}{suffix}": amount(cents) for name, cents in pairs}
    return fields


def invoice_money(money: Money, currency: str = "EUR", rate: int | None = None) -> Record:
    """Write the sums of an invoice, which has more of them than other documents."""
    fields = money_fields(money, currency, rate)
    fields |= accounting_fields(money.at(rate) if rate else money)
    fields["sumDiscountNet"] = fields["sumDiscounts"]
    return fields


def accounting_fields(money: Money) -> Record:
    """Write the sums that bookkeeping takes: of what was paid, once that is known."""
    sums = (("Net", money.net), ("Tax", money.tax), ("Gross", money.gross))
    return {f"sum{name}Accounting": amount(cents) for name, cents in sums}


def tax_fields(tax: Tax, day: date) -> Record:
    """Write the tax in the form the bookkeeping system of that day had."""
    new = day >= NEW_TAX_FORM
    return {
        "taxRule": ref("TaxRule", tax.rule) if new else None,
        "taxType": None if new else tax.kind,
        "taxText": tax.text,
        "smallSettlement": "1" if tax is SMALL else "0",
    }


def line_fields(line: Line, place: int, tax: Tax, currency: str = "EUR", rate: int | None = None) -> Record:
    """Write a position; its sums are before the discount of the document."""
    percent = line.part.rate if tax.taxed else 0
    money = Money(line.net, _round(line.net * percent, 100))
    unit_tax = line.part.cents * percent  # in ten-thousandths: prices have up to four decimals
    home = invoice_money(money, currency, rate)
    return {
        "part": ref("Part", line.part.id) if line.part.id else None,
        "quantity": amount(line.tenths * 10),
        "price": amount(line.part.cents),
        "priceNet": amount(line.part.cents),
        "priceTax": exact(unit_tax),
        "priceGross": exact(line.part.cents * 100 + unit_tax),
        "name": line.part.name,
        "positionNumber": str(place),
        "text": None if place else "Ausführung wie besprochen\n<i>inkl. Verpackung</i>",
        "taxRate": str(percent),
        **{name: text for name, text in home.items() if name.startswith("sum") and "Discount" not in name},
    }
