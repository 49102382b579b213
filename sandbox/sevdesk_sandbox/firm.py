"""The made-up firm: what happens on each day of its books, a function of the seed and the day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random

from faker.providers.date_time import Provider as Countries

from sevdesk_sandbox.clock import BERLIN, stamp
from sevdesk_sandbox.customers import (
    Customer,
    Population,
    address_fields,
    address_on,
    contact_fields,
)
from sevdesk_sandbox.documents import (
    FOOT,
    HEAD,
    HOME,
    Line,
    Money,
    Part,
    Tax,
    invoice_money,
    line_fields,
    money_fields,
    rate_on,
    tax_fields,
    tax_for,
    total,
)
from sevdesk_sandbox.ledger import Ledger
from sevdesk_sandbox.places import HOME_COUNTRIES
from sevdesk_sandbox.records import Record, amount, number, ref

FOUNDED = date(2024, 11, 1)
DAY, HOUR = 86_400, 3_600
_CURRENCY = {"ch": ("CHF", 0.7), "us": ("USD", 1.0)}


def at(day: date, seconds: float = 0) -> int:
    """Unix seconds of a day's local midnight in Berlin, plus some."""
    return int(datetime.combine(day, time(), BERLIN).timestamp() + seconds)


FOUNDING = at(FOUNDED)


def midnight(moment: int) -> str:
    """Write the business date of a moment as the API does: local midnight."""
    return stamp(at(datetime.fromtimestamp(moment, BERLIN).date()))


@dataclass(frozen=True)
class Bill:
    """An issued document, as far as its later life needs it."""

    key: str
    customer: Customer
    issued: int
    fields: Record
    money: Money  # in the currency of sumGross
    lines: list[Line]
    tax: Tax
    rate: int | None


class Firm:
    """The firm and its books up to a moment."""

    def __init__(self, seed: int) -> None:
        """Found it; nothing has happened yet."""
        self.seed = seed
        self.ledger = Ledger(FOUNDING)
        self.cumulative: dict[str, Record] = {}  # final invoices with the sums of their whole chain
        self._people = Population(seed)
        self._customers: list[Customer] = []
        self._parts: list[Part] = []
        self._templates: list[tuple[Bill, date]] = []
        self._next_day = FOUNDED

    def run_until(self, epoch: int) -> bool:
        """Let time pass up to a moment (Unix seconds, not earlier than before); says whether a record changed."""
        while at(self._next_day) <= epoch:
            self._live(self._next_day, Random(f"{self.seed}:{self._next_day}"))  # noqa: S311 - an invented firm
            self._next_day += timedelta(days=1)
        return self.ledger.run_until(epoch)

    def _live(self, day: date, rng: Random) -> None:
        if day == FOUNDED:
            self._found(rng)
        weekday = day.weekday() < 5
        if weekday and rng.random() < 0.3:
            self._win_customer(rng, at(day, rng.randint(8 * HOUR, 17 * HOUR)))
        if day.day == 1:
            self._bill_templates(day, rng)
        for _ in range(rng.randint(4, 9) if weekday else rng.randint(0, 1)):
            self._do_business(at(day, rng.randint(7 * HOUR, 19 * HOUR)), rng)
        if day.month == 10 and day.weekday() == 6 and day.day > 24:
            self._work_through_the_long_night(day, rng)

    # -- the firm's own things ---------------------------------------------------------------------------------

    def _found(self, rng: Random) -> None:
        known = {code for code, _, _ in HOME_COUNTRIES}
        others = sorted(
            (c.name, c.alpha_2_code.lower())
            for c in Countries.countries
            if c.alpha_2_code.lower() not in known
        )
        names = [*HOME_COUNTRIES, *((code, name, name) for name, code in others)]
        for position, (code, german, english) in enumerate(names, 1):
            fields = {"code": code, "name": german, "nameEn": english, "locale": f"{code}_{code.upper()}"}
            fields["translationCode"] = f"COUNTRY_{english.upper().replace(' ', '_')}"
            self.ledger.plan(FOUNDING, "StaticCountry", str(position), fields)
        for position in range(40):
            reduced = position % 8 == 0
            name = f"Muster{self._people.words(1).lower()} {position + 1:02}"
            part = Part(str(position + 1), name, rng.randint(250, 90_000) // 5 * 5, 7 if reduced else 19)
            self._parts.append(part)
        for position in range(140):
            self._win_customer(rng, FOUNDING + 60 + 30 * position)
        for _ in range(12):
            self._start_template(FOUNDING + 6 * HOUR + rng.randint(0, HOUR), rng)

    def _win_customer(self, rng: Random, moment: int) -> None:
        book = self.ledger
        key = book.new_id("Contact", moment)
        companies = [customer for customer in self._customers[-60:] if customer.company]
        parent = rng.choice(companies) if companies and rng.random() < 0.12 else None
        customer = self._people.customer(rng, key, parent)
        book.plan(moment, "Contact", key, contact_fields(customer, rng, 1000 + len(self._customers)))
        address = book.new_id("ContactAddress", moment)
        if customer.habit != "nowhere":
            book.plan(moment, "ContactAddress", address, address_fields(customer, rng))
        if rng.random() < 0.08:  # only ever asked for a price: forgotten after some weeks
            gone = moment + rng.randint(5 * DAY, 90 * DAY)
            book.drop(gone, "ContactAddress", address)
            book.drop(gone, "Contact", key)
            return
        self._customers.append(customer)
        if rng.random() < 0.3:
            moved = moment + rng.randint(20 * DAY, 400 * DAY)
            book.plan(
                moved, "Contact", key, {"description": f"Bestellt per Telefon, {self._people.words(3)}"}
            )

    # -- documents ---------------------------------------------------------------------------------------------

    def _do_business(self, moment: int, rng: Random) -> None:
        kind = rng.choices(("invoice", "partial", "advance", "own_credit"), (93, 2, 3, 2))[0]
        if kind == "invoice":
            self._invoice(moment, rng)
        elif kind == "own_credit":
            self._credit_note(
                moment, rng, rng.choice(("PROVISION", "ROYALTY_ASSIGNED", "ROYALTY_UNASSIGNED"))
            )
        else:
            self._chain(moment, rng, ("TR", "TR", "ER") if kind == "partial" else ("AR", "ER"))

    def _lines(self, rng: Random) -> list[Line]:
        return [
            Line(rng.choice(self._parts), rng.choice((10, 10, 10, 20, 30, 50, 15, 25, 120)))
            for _ in range(rng.choices((1, 2, 3, 5), (45, 30, 18, 7))[0])
        ]

    def _customer(self, rng: Random) -> Customer:
        """Pick a customer; a few buy much more often than the others."""
        return self._customers[int(len(self._customers) * rng.random() ** 1.7)]

    def _bill(self, moment: int, rng: Random, customer: Customer, lines: list[Line], **extra: object) -> Bill:
        """Write an invoice without saying yet when it stands in the books."""
        day = datetime.fromtimestamp(moment, BERLIN).date()
        tax = tax_for(customer.region, day, rng)
        discount = customer.discount if extra.get("invoiceType", "RE") == "RE" else 0
        currency, chance = _CURRENCY.get(customer.place.country, ("EUR", 1.0))
        if rng.random() > chance or extra.get("origin"):
            currency = "EUR"
        # In a few books nobody entered a rate: then the plain sums are the foreign ones.
        rate = rate_on(currency, day) if currency != "EUR" and rng.random() < 0.85 else None
        money = total(lines, discount, tax)
        fields: Record = {
            "contact": ref("Contact", customer.id),
            "header": "Rechnung",
            "headText": HEAD,
            "footText": FOOT if rng.random() < 0.9 else None,
            "invoiceDate": midnight(moment),
            "timeToPay": rng.choice(("14", "14", "30", "7")),
            "deliveryDate": midnight(moment - rng.randint(0, 20) * DAY),
            **address_on(customer, rng),
            **tax_fields(tax, day),
            **invoice_money(money, currency, rate),
            **extra,
        }
        if customer.pays == "skonto":
            fields |= {"discountTime": "7", "discount": "2"}
        key = self.ledger.new_id("Invoice", moment)
        return Bill(key, customer, moment, fields, money.at(rate) if rate else money, lines, tax, rate)

    def _write(self, bill: Bill, moment: int) -> list[str]:
        """Put a bill and its positions into the books; returns the ids of the positions."""
        self.ledger.plan(moment, "Invoice", bill.key, bill.fields)
        return self._write_lines(bill, moment)

    def _write_lines(self, bill: Bill, moment: int) -> list[str]:
        keys = []
        for place, line in enumerate(bill.lines):
            key = self.ledger.new_id("InvoicePos", moment)
            fields = line_fields(line, place, bill.tax, bill.fields["currency"], bill.rate)
            self.ledger.plan(moment, "InvoicePos", key, {"invoice": ref("Invoice", bill.key), **fields})
            keys.append(key)
        return keys

    def _issue(self, bill: Bill, moment: int, rng: Random, prefix: str = "RE") -> Bill:
        """Give the bill its number and send it."""
        day = midnight(moment)
        fields: Record = {"status": "200", "invoiceDate": day, "sendDate": day}
        fields["sendType"] = rng.choice(("VM", "VM", "VPDF", "VPR"))
        self.ledger.plan(moment, "Invoice", bill.key, fields, prefix)
        if rng.random() < 0.3:
            self.ledger.plan(moment + 3 * DAY, "Invoice", bill.key, {"enshrined": stamp(moment + 3 * DAY)})
        return replace(bill, issued=moment)

    def _invoice(self, moment: int, rng: Random) -> None:
        """A draft first, edited now and then; then it is dropped, or sent and paid in one way or another."""
        bill = self._bill(moment, rng, self._customer(rng), self._lines(rng))
        keys = self._write(bill, moment)
        if rng.random() < 0.5:
            self._settle(self._issue(bill, moment, rng), rng)
            return
        edited = moment + rng.randint(600, 20 * HOUR)
        if rng.random() < 0.6:
            bill, keys = self._edit(bill, keys, edited, rng)
        later = edited + rng.randint(600, 30 * HOUR)
        if rng.random() < 0.12:
            for key in keys:
                self.ledger.drop(later, "InvoicePos", key)
            self.ledger.drop(later, "Invoice", bill.key)
        elif rng.random() < 0.98:
            self._settle(self._issue(bill, later, rng), rng)

    def _edit(self, bill: Bill, keys: list[str], moment: int, rng: Random) -> tuple[Bill, list[str]]:
        """Exchange the lines of a draft: its positions are deleted and written anew."""
        lines = [*bill.lines, *self._lines(rng)][-3:]
        money = total(lines, bill.customer.discount, bill.tax)
        sums = invoice_money(money, bill.fields["currency"], bill.rate)
        for key in keys:
            self.ledger.drop(moment, "InvoicePos", key)
        self.ledger.plan(
            moment, "Invoice", bill.key, {**sums, "customerInternalNote": "geändert\nnach Rückfrage"}
        )
        home = money.at(bill.rate) if bill.rate else money
        changed = replace(bill, lines=lines, money=home, fields={**bill.fields, **sums})
        return changed, self._write_lines(changed, moment)

    # -- what becomes of them ----------------------------------------------------------------------------------

    def _settle(self, bill: Bill, rng: Random) -> None:
        gross = bill.money.gross
        if rng.random() < 0.03:
            self._cancel(bill, bill.issued + rng.randint(2 * HOUR, 20 * DAY), rng)
            return
        habit = bill.customer.pays if rng.random() < 0.8 else "on_time"
        if habit == "never":
            self._remind(bill, bill.issued + 24 * DAY, 1)
            self._remind(bill, bill.issued + 40 * DAY, 2)
        elif habit == "late":
            paid = bill.issued + rng.randint(26 * DAY, 70 * DAY)
            self._remind(bill, bill.issued + 24 * DAY, 1, paid)
            self._pay(bill, paid, gross)
        elif habit == "part":
            self._pay(bill, bill.issued + rng.randint(5 * DAY, 20 * DAY), gross // 2, "750")
            if rng.random() < 0.75:
                self._pay(bill, bill.issued + rng.randint(30 * DAY, 60 * DAY), gross)
        elif habit == "skonto":
            self._pay(bill, bill.issued + rng.randint(1 * DAY, 7 * DAY), gross - gross * 2 // 100)
        else:
            paid = bill.issued + rng.randint(2 * DAY, 16 * DAY)
            self._pay(bill, self._statement_day(paid) if rng.random() < 0.3 else paid, gross)
            if rng.random() < 0.04:
                share = rng.choice((100, 100, 50, 20))
                self._credit_note(
                    paid + rng.randint(40 * DAY, 60 * DAY), rng, "UNDERACHIEVEMENT", bill, share
                )

    def _pay(self, bill: Bill, moment: int, paid: int, status: str = "1000") -> None:
        fields = {"status": status, "paidAmount": number(paid), "payDate": midnight(moment)}
        self.ledger.plan(moment, "Invoice", bill.key, fields)

    def _statement_day(self, moment: int) -> int:
        """When the bookkeeper books a whole bank statement in one second: the next 15th, half past nine."""
        day = datetime.fromtimestamp(moment, BERLIN).date()
        if day.day >= 15:
            day = (day.replace(day=1) + timedelta(days=32)).replace(day=15)
        return at(day.replace(day=15), 9.5 * HOUR)

    def _remind(self, bill: Bill, moment: int, level: int, paid: int | None = None) -> None:
        """Write a reminder: an invoice of type MA that repeats the sums of its parent."""
        key = self.ledger.new_id("Invoice", moment)
        fields = bill.fields | {
            "invoiceType": "MA",
            "header": f"{level}. Mahnung",
            "status": "200",
            "origin": ref("Invoice", bill.key),
            "invoiceDate": midnight(moment),
            "sendDate": midnight(moment),
            "dunningLevel": str(level),
            "reminderDebit": amount(bill.money.gross),
            "reminderTotal": amount(bill.money.gross),
            "reminderCharge": "0",
            "reminderDeadline": midnight(moment + 10 * DAY),
        }
        self.ledger.plan(moment, "Invoice", key, fields, "MA")
        self.ledger.plan(moment, "Invoice", bill.key, {"dunningLevel": str(level)})
        if paid and paid > moment:
            self.ledger.plan(paid, "Invoice", key, {"status": "1000"})

    def _cancel(self, bill: Bill, moment: int, rng: Random) -> None:
        """Cancel an open invoice: an SR invoice with negative sums; both count as paid, with nothing paid."""
        minus = {
            name: f"-{text}" for name, text in bill.fields.items() if name.startswith("sum") and text != "0"
        }
        day = midnight(moment)
        closed = {"status": "1000", "paidAmount": 0, "payDate": day}
        fields = (
            bill.fields
            | minus
            | closed
            | {
                "invoiceType": "SR",
                "header": "Stornorechnung",
                "origin": ref("Invoice", bill.key),
                "invoiceDate": day,
                "sendDate": day,
                "sendType": rng.choice(("VM", "VPDF")),
            }
        )
        reversal = replace(bill, key=self.ledger.new_id("Invoice", moment), fields=fields)
        self.ledger.plan(moment, "Invoice", reversal.key, fields, "SR")
        self._write_lines(reversal, moment)
        self.ledger.plan(moment, "Invoice", bill.key, closed)

    def _credit_note(
        self, moment: int, rng: Random, category: str, bill: Bill | None = None, share: int = 100
    ) -> None:
        """Write a credit note: for a paid invoice, or for what the firm owes an agent or an author."""
        customer = bill.customer if bill else self._customer(rng)
        day = datetime.fromtimestamp(moment, BERLIN).date()
        tax = bill.tax if bill else HOME
        money = (
            bill.money.part(share)
            if bill
            else total([Line(Part(None, "Provision", rng.randint(2_000, 60_000), 19))], 0, tax)
        )
        currency = bill.fields["currency"] if bill else "EUR"
        sums = money_fields(money, currency)
        if bill and bill.rate:
            foreign = total(bill.lines, bill.customer.discount, tax).part(share)
            sums = money_fields(foreign, currency, bill.rate)
        key = self.ledger.new_id("CreditNote", moment)
        fields: Record = {
            "contact": ref("Contact", customer.id),
            "header": "Gutschrift",
            "headText": "<p>Wir schreiben Ihnen <b>gut</b>:</p>",
            "creditNoteDate": midnight(moment),
            "deliveryDate": midnight(moment),
            "bookingCategory": category,
            "refSrcInvoice": ref("Invoice", bill.key) if bill else None,
            **address_on(customer, rng),
            **tax_fields(tax, day),
            **sums,
        }
        self.ledger.plan(moment, "CreditNote", key, fields)
        if rng.random() < 0.05:
            return  # stays a draft
        sent = moment + rng.randint(0, 5 * HOUR)
        self.ledger.plan(sent, "CreditNote", key, {"status": "200", "sendDate": midnight(sent)}, "GU")
        if rng.random() < 0.85:
            self.ledger.plan(sent + rng.randint(2 * DAY, 20 * DAY), "CreditNote", key, {"status": "1000"})

    # -- chains and templates ----------------------------------------------------------------------------------

    def _chain(self, moment: int, rng: Random, types: tuple[str, ...]) -> None:
        """Bill an order in several invoices; what they share is the order as their `origin`."""
        home = [customer for customer in self._customers if customer.region == "home"]
        customer = rng.choice(home)
        lines = [replace(line, tenths=line.tenths * 10) for line in self._lines(rng)]
        order = self.ledger.new_id("Order", moment)
        origin = ref("Order", order)
        whole = self._bill(moment, rng, customer, lines, origin=origin)
        order_fields = {name: value for name, value in whole.fields.items() if name in _ORDER_FIELDS}
        order_fields |= {
            "orderType": "AB",
            "header": "Auftragsbestätigung",
            "orderDate": midnight(moment),
            "status": "500",
        }
        self.ledger.plan(moment, "Order", order, order_fields, "AB")
        left, when = whole.money, moment
        for kind in types:
            when += rng.randint(8 * DAY, 30 * DAY)
            money = left if kind == "ER" else whole.money.part(30)
            left = left.minus(money)
            title = {"TR": "Teilrechnung", "AR": "Abschlagsrechnung", "ER": "Schlussrechnung"}[kind]
            line = Line(Part(None, title, money.net, whole.lines[0].part.rate))
            fields = (
                whole.fields
                | invoice_money(money)
                | {"invoiceType": kind, "header": title, "invoiceDate": midnight(when)}
            )
            key = self.ledger.new_id("Invoice", when)
            bill = replace(whole, key=key, fields=fields, money=money, lines=[line])
            if kind == "ER":
                self.cumulative[key] = invoice_money(whole.money)
            self._write(bill, when)
            issued = self._issue(bill, when + rng.randint(60, 3 * HOUR), rng, kind)
            if kind != "ER" or rng.random() < 0.8:
                self._pay(issued, issued.issued + rng.randint(2 * DAY, 20 * DAY), money.gross)

    def _start_template(self, moment: int, rng: Random) -> None:
        """Start a recurring invoice: type WKR, not revenue itself; some are deactivated (50) after a while."""
        start = midnight(moment)
        bill = self._bill(
            moment,
            rng,
            self._customer(rng),
            self._lines(rng),
            invoiceType="WKR",
            header="Wartungsvertrag",
            status="200",
            accountIntervall="P0Y1M0W",
            accountStartDate=start,
        )
        self._write(bill, moment)
        end = FOUNDED + timedelta(days=rng.choice((90, 200, 500, 5000, 5000)))
        self.ledger.plan(
            at(end, 11 * HOUR), "Invoice", bill.key, {"status": "50", "accountEndDate": stamp(at(end))}
        )
        self._templates.append((bill, end))

    def _bill_templates(self, day: date, rng: Random) -> None:
        """On the first of a month all recurring invoices are written in one second, at three in the morning."""
        moment = at(day, 3 * HOUR)
        following = at((day + timedelta(days=32)).replace(day=1), 3 * HOUR)
        for template, end in self._templates:
            if day == FOUNDED or day > end:
                continue
            parent = ref("Invoice", template.key)
            bill = self._bill(moment, rng, template.customer, template.lines, origin=parent, header="Wartung")
            self._write(bill, moment)
            self._settle(self._issue(bill, moment, rng), rng)
            news = {"accountLastInvoice": stamp(moment), "accountNextInvoice": str(following)}
            self.ledger.plan(moment, "Invoice", template.key, news)

    def _work_through_the_long_night(self, day: date, rng: Random) -> None:
        """Write two invoices in the hour that October has twice, the first at 02:30+02:00, the other at 02:10+01:00."""
        midnight_utc = at(day)
        for seconds in (2.5 * HOUR, 3 * HOUR + 600):
            bill = self._bill(int(midnight_utc + seconds), rng, self._customer(rng), self._lines(rng))
            self._write(bill, bill.issued)
            self._settle(self._issue(bill, bill.issued, rng), rng)


_ORDER_FIELDS = {
    "contact", "headText", "footText", "addressCountry", "address", "taxRule", "taxType", "taxText", "smallSettlement",
    "currency", "sumNet", "sumTax", "sumGross",
}  # fmt: skip
