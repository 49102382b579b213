"""What the firm buys and offers: vouchers and orders."""

from __future__ import annotations

from random import Random

from sevdesk_sandbox.customers import likely
from sevdesk_sandbox.days import DAY, HOUR, midnight, noon
from sevdesk_sandbox.documents import HOME, Line, Part, invoice_money, line_fields, total
from sevdesk_sandbox.histories import log
from sevdesk_sandbox.ledger import Ledger
from sevdesk_sandbox.records import Record, number, ref
from sevdesk_sandbox.settling import bank_line

_BOUGHT = ("Strom", "Miete", "Papier", "Werkzeug", "Fahrkarte", "Telefon", "Bewirtung")
_OFFER_FIELDS = """contact headText addressCountry address addressName addressStreet addressZip
    addressCity taxRule taxType taxText smallSettlement currency sumNet sumTax sumGross sumDiscounts"""


def purchase(book: Ledger, moment: int, rng: Random) -> None:
    """Enter a receipt as a voucher: a draft (50), then unpaid (100), then paid (1000) or partly so (750)."""
    name = rng.choice(_BOUGHT)
    line = Line(Part(None, name, rng.randint(500, 90_000), 19))
    money = total([line], 0, HOME)
    sums = {
        key: text
        for key, text in invoice_money(money).items()
        if not key.endswith(("Currency", "DiscountNet"))
    }
    income = likely(rng, 0.05)  # the rare voucher that is an income
    fields: Record = {
        **sums,
        "supplierName": f"Beispiel {name} GmbH",
        "description": f"Beleg {moment % 100_000}",
        "voucherDate": midnight(moment - DAY),
        "paymentDeadline": midnight(moment + 14 * DAY),
        "status": "50",
        "creditDebit": "D" if income else "C",
        "taxRule": ref("TaxRule", "1" if income else "9"),
        "costCentre": ref("CostCentre", rng.choice("123")) if likely(rng, 0.3) else None,
    }
    key = book.add(moment, "Voucher", fields)
    position = {
        name: text for name, text in sums.items() if name.startswith("sum") and name != "sumDiscounts"
    }
    drop = book.add(moment, "VoucherPos", {"voucher": ref("Voucher", key), "comment": name, **position})
    later = moment + rng.randint(600, 3 * DAY)
    if likely(rng, 0.04):
        book.drop(later, "VoucherPos", drop)
        book.drop(later, "Voucher", key)
        return
    book.plan(later, "Voucher", key, {"status": "100"})
    log(book, later, ref("Voucher", key), ("50", "100"))
    if likely(rng, 0.9):
        paid = later + rng.randint(HOUR, 20 * DAY)
        status, cents = ("750", money.gross // 2) if likely(rng, 0.03) else ("1000", money.gross)
        payment = {"status": status, "paidAmount": number(cents), "payDate": noon(paid)}
        book.plan(paid, "Voucher", key, payment)
        voucher = ref("Voucher", key)
        bank_line(book, paid, cents if income else -cents, f"Beispiel {name} GmbH", name, document=voucher)
        log(book, paid, voucher, ("100", status), cents)


def order(
    book: Ledger, moment: int, kind: str, fields: Record, lines: list[Line], **extra: object
) -> tuple[str, list[str]]:
    """Write an offer (AN) or an order confirmation (AB) from the fields of an invoice; returns all ids."""
    kept = {name: fields[name] for name in _OFFER_FIELDS.split() if name in fields}
    title = "Angebot" if kind == "AN" else "Auftragsbestätigung"
    about = {"orderType": kind, "header": title, "orderDate": midnight(moment), **extra}
    key = book.add(moment, "Order", {**kept, **about}, kind)
    position_keys = []
    for place, line in enumerate(lines):
        position = {name: text for name, text in line_fields(line, place, HOME).items() if name[:3] != "sum"}
        position_keys.append(book.add(moment, "OrderPos", {"order": ref("Order", key), **position}))
    return key, position_keys


def offer(book: Ledger, moment: int, rng: Random, fields: Record, lines: list[Line]) -> None:
    """Make an offer; it is sent, then accepted, rejected or forgotten."""
    key, positions = order(book, moment, "AN", fields, lines)
    sent = moment + rng.randint(HOUR, DAY)
    book.plan(sent, "Order", key, {"status": "200", "sendDate": midnight(sent)})
    entry = log(book, sent, ref("Order", key), ("100", "200"))
    answered = sent + rng.randint(DAY, 30 * DAY)
    if likely(rng, 0.8):
        book.plan(answered, "Order", key, {"status": rng.choice(("300", "500", "1000"))})
    elif likely(rng, 0.3):
        book.drop(answered, "OrderPos", *positions)
        book.drop(answered, "OrderLog", entry)
        book.drop(answered, "Order", key)
