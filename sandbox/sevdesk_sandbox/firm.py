"""The made-up firm: what happens on each day of its books, a function of the seed and the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from sevdesk_sandbox.bills import Bill, compose, edit, issue, write
from sevdesk_sandbox.clock import stamp
from sevdesk_sandbox.customers import Customer, Population, address_at, enter, likely
from sevdesk_sandbox.days import DAY, FOUNDED, FOUNDING, HOUR, at, day_of, midnight, next_month
from sevdesk_sandbox.documents import HOME, NEW_TAX_FORM, SMALL, Line, Part, invoice_money
from sevdesk_sandbox.ledger import Ledger
from sevdesk_sandbox.odd import enter_odd_documents
from sevdesk_sandbox.office import close_month, furnish
from sevdesk_sandbox.purchases import offer, order, purchase
from sevdesk_sandbox.records import Record, ref
from sevdesk_sandbox.settling import commission, pay, settle

_SATURDAY, _SUNDAY, _OCTOBER = 5, 6, 10
_TITLES = {"TR": "Teilrechnung", "AR": "Abschlagsrechnung", "ER": "Schlussrechnung"}


class Firm:
    """The firm and its books up to a moment."""

    def __init__(self, seed: int, *, odd: bool = False) -> None:
        """Found it; nothing has happened yet."""
        self.seed = seed
        self._odd = odd
        self.ledger = Ledger(FOUNDING)
        self.customers: list[Customer] = []
        self.cumulative: dict[str, Record] = {}  # final invoices with the sums of their whole chain
        self._people = Population(seed)
        self._parts: list[Part] = []
        self._templates: list[tuple[Bill, date]] = []
        self._next_day = FOUNDED

    def run_until(self, epoch: int) -> bool:
        """Let time pass up to a moment (Unix seconds, never backwards); says whether a record changed."""
        while at(self._next_day) <= epoch:
            self._live(self._next_day, Random(f"{self.seed}:{self._next_day}"))  # noqa: S311 - an invented firm
            self._next_day += timedelta(days=1)
        return self.ledger.run_until(epoch)

    def _live(self, day: date, rng: Random) -> None:
        if day == FOUNDED:
            self._found(rng)
        weekday = day.weekday() < _SATURDAY
        if weekday and likely(rng, 0.3):
            self._win_customer(at(day, rng.randint(8 * HOUR, 17 * HOUR)), rng)
        if day.day == 1:
            self._bill_templates(day, rng)
        if next_month(day) - day == timedelta(days=1):
            close_month(self.ledger, self._parts, day, rng)
        for _ in range(rng.randint(4, 9) if weekday else rng.randint(0, 1)):
            self._do_business(at(day, rng.randint(7 * HOUR, 19 * HOUR)), rng)
        for _ in range(rng.randint(0, 3) if weekday else 0):
            purchase(self.ledger, at(day, rng.randint(8 * HOUR, 17 * HOUR)), rng)
        if day.month == _OCTOBER and day.weekday() == _SUNDAY and next_month(day) - day <= timedelta(days=7):
            for late in (2.5 * HOUR, 3 * HOUR + 600):  # 02:30+02:00 and 02:10+01:00: that hour comes twice
                self._invoice(at(day, late), rng)

    def _found(self, rng: Random) -> None:
        self._parts = furnish(self.ledger, self._people, rng)
        if self._odd:
            enter_odd_documents(self.ledger)
        for position in range(140):
            self._win_customer(FOUNDING + 60 + 30 * position, rng)
        for position in range(12):
            self._start_template(FOUNDING + 6 * HOUR + 60 * position, rng)

    def _win_customer(self, moment: int, rng: Random) -> None:
        """Enter a customer; some only asked for a price and are forgotten, some move or get a note later."""
        companies = [customer for customer in self.customers[-60:] if not customer.last]
        parent = rng.choice(companies) if companies and likely(rng, 0.12) else None
        customer = self._people.customer(rng, self.ledger.new_id("Contact", moment), parent)
        written = enter(self.ledger, customer, rng, moment, 1000 + len(self.customers))
        if likely(rng, 0.08):
            gone = moment + rng.randint(5 * DAY, 90 * DAY)
            for resource, key in written:
                self.ledger.drop(gone, resource, key)
            return
        self.customers.append(customer)
        later = moment + rng.randint(20 * DAY, 400 * DAY)
        if likely(rng, 0.3):
            self.ledger.plan(
                later, "Contact", customer.id, {"description": f"Hinweis: {self._people.words(3)}"}
            )
        for resource, key in written:
            if resource == "ContactAddress" and likely(rng, 0.1):
                self.ledger.plan(later, resource, key, address_at(customer, customer.place.spellings[0]))

    # -- a day's business ----------------------------------------------------------------------------------

    def _do_business(self, moment: int, rng: Random) -> None:
        kind = rng.choices(("invoice", "partial", "advance", "commission", "offer"), (86, 2, 2, 3, 7))[0]
        if kind == "invoice":
            self._invoice(moment, rng)
        elif kind == "commission":
            commission(self.ledger, self._customer(rng), moment, rng)
        elif kind == "offer":
            bill = compose(self.ledger, moment, rng, self._customer(rng), self._lines(rng))
            offer(self.ledger, moment, rng, bill.fields, bill.lines)
        else:
            self._chain(moment, rng, ("TR", "TR", "ER") if kind == "partial" else ("AR", "ER"))

    def _lines(self, rng: Random) -> list[Line]:
        count = rng.choices((1, 2, 3, 5), (45, 30, 18, 7))[0]
        quantities = (10, 10, 10, 20, 30, 50, 15, 25, 120)
        return [Line(rng.choice(self._parts), rng.choice(quantities)) for _ in range(count)]

    def _customer(self, rng: Random) -> Customer:
        """Pick a customer; the old ones buy more often than the others."""
        return self.customers[int(len(self.customers) * rng.random() ** 1.7)]

    def _invoice(self, moment: int, rng: Random) -> None:
        """Draft an invoice, edit it now and then, and drop it or send it, at once or within two days."""
        book = self.ledger
        bill = compose(book, moment, rng, self._customer(rng), self._lines(rng))
        keys = write(book, bill, moment)
        if likely(rng, 0.5):
            settle(book, issue(book, bill, moment, rng), rng)
            return
        edited = moment + rng.randint(600, 20 * HOUR)
        if likely(rng, 0.6):
            bill, keys = edit(book, bill, keys, edited, self._lines(rng))
        later = edited + rng.randint(600, 30 * HOUR)
        if likely(rng, 0.12):
            book.drop(later, "InvoicePos", *keys)
            book.drop(later, "Invoice", bill.key)
        elif likely(rng, 0.98):
            settle(book, issue(book, bill, later, rng), rng)

    def _chain(self, moment: int, rng: Random, types: tuple[str, ...]) -> None:
        """Bill an order in several invoices; what they share is the order as their `origin`."""
        book = self.ledger
        customer = rng.choice(
            [each for each in self.customers if each.region == "home" and not each.discount]
        )
        lines = [Line(line.part, line.tenths * 10) for line in self._lines(rng) if line.part.rate == 19]  # noqa: PLR2004
        lines = lines or [Line(self._parts[0], 100)]
        tax = SMALL if day_of(moment) < NEW_TAX_FORM else HOME
        whole = compose(book, moment, rng, customer, lines, tax=tax, origin=None)
        order_key, _ = order(book, moment, "AB", whole.fields, lines, status="500")
        left, when = whole.money, moment
        for kind in types:
            when += rng.randint(8 * DAY, 30 * DAY)
            money = left if kind == "ER" else whole.money.part(30)
            left = left.minus(money)
            fields = {
                **whole.fields,
                **invoice_money(money),
                "invoiceType": kind,
                "header": _TITLES[kind],
                "invoiceDate": midnight(when),
                "origin": ref("Order", order_key),
            }
            key = book.new_id("Invoice", when)
            line = Line(Part(None, _TITLES[kind], money.net, 19))
            bill = replace(whole, key=key, fields=fields, money=money, lines=[line])
            if kind == "ER":
                self.cumulative[key] = invoice_money(whole.money)
            write(book, bill, when)
            issued = issue(book, bill, when + rng.randint(60, 3 * HOUR), rng, kind)
            if kind != "ER" or likely(rng, 0.8):
                pay(book, issued, issued.issued + rng.randint(2 * DAY, 20 * DAY), money.gross)

    # -- recurring invoices --------------------------------------------------------------------------------

    def _start_template(self, moment: int, rng: Random) -> None:
        """Start a recurring invoice: type WKR, itself no revenue; some are deactivated (50) after a while."""
        about = {"invoiceType": "WKR", "header": "Wartungsvertrag", "accountIntervall": "P0Y1M0W"}
        bill = compose(self.ledger, moment, rng, self._customer(rng), self._lines(rng))
        fields = {**bill.fields, **about, "status": "200", "accountStartDate": midnight(moment)}
        bill = replace(bill, fields=fields)
        write(self.ledger, bill, moment)
        end = FOUNDED + timedelta(days=rng.choice((90, 400, 5000, 5000, 5000)))
        off = {"status": "50", "accountEndDate": stamp(at(end))}
        self.ledger.plan(at(end, 11 * HOUR), "Invoice", bill.key, off)
        self._templates.append((bill, end))

    def _bill_templates(self, day: date, rng: Random) -> None:
        """Write the recurring invoices of a month in one second, at three in the morning of its first day."""
        moment, following = at(day, 3 * HOUR), at(next_month(day), 3 * HOUR)
        for template, end in self._templates:
            if day > end:
                continue
            bill = compose(self.ledger, moment, rng, template.customer, template.lines, origin=template.ref)
            write(self.ledger, bill, moment)
            settle(self.ledger, issue(self.ledger, bill, moment, rng), rng)
            news = {"accountLastInvoice": stamp(moment), "accountNextInvoice": str(following)}
            self.ledger.plan(moment, "Invoice", template.key, news)
