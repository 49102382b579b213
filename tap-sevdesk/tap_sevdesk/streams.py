"""All streams as a table. What else is known of a stream follows from its row and its schema file."""

import functools
import importlib.resources
import json
from dataclasses import dataclass
from typing import Any

from tap_sevdesk.records import confidential


@dataclass(frozen=True)
class Source:
    """One of sevDesk's lists.

    `params` go with every request. `filtered` lists understand `updateAfter` by sevDesk's documentation; all
    others are read whole (BEHAVIOR.md 8), and `whole` lists, whose records have no `update` that
    tells of changes, are compared as a whole. A `history` is one of these that only grows (BEHAVIOR.md 64).
    Positions name the stream of their documents in `parent` and the reference to it in `parent_field`.
    Besides bank data, `personal` properties are not selected by default.
    """

    name: str
    path: str
    params: tuple[tuple[str, str], ...] = ()
    filtered: bool = False
    whole: bool = False
    history: bool = False
    parent: str | None = None
    parent_field: str = ""
    personal: tuple[str, ...] = ()

    @property
    def schema(self) -> dict[str, Any]:
        """The stream's JSON Schema, the same object each time."""
        return load_schema(self.name)

    @property
    def replication_key(self) -> str | None:
        """`update` where it tells of changes."""
        return None if self.whole else "update"

    @property
    def not_by_default(self) -> list[str]:
        """The properties that a user has to select: bank data, and what else is personal."""
        return [name for name in self.schema["properties"] if name in self.personal or confidential(name)]


@functools.cache
def load_schema(name: str) -> dict[str, Any]:
    """Read a stream's schema from the package, once."""
    text = importlib.resources.files(__package__).joinpath("schemas", f"{name}.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


SOURCES = (
    Source("invoices", "/Invoice", params=(("showAll", "true"),), filtered=True),
    Source("invoice_positions", "/InvoicePos", parent="invoices", parent_field="invoice"),
    Source("credit_notes", "/CreditNote"),
    Source("credit_note_positions", "/CreditNotePos", parent="credit_notes", parent_field="creditNote"),
    Source("contacts", "/Contact", params=(("depth", "1"),), filtered=True, personal=("description",)),
    Source("contact_addresses", "/ContactAddress"),
    Source("communication_ways", "/CommunicationWay"),
    Source("accounting_contacts", "/AccountingContact"),
    Source("vouchers", "/Voucher", filtered=True),
    Source("voucher_positions", "/VoucherPos", parent="vouchers", parent_field="voucher"),
    Source("orders", "/Order", filtered=True),
    Source("order_positions", "/OrderPos", parent="orders", parent_field="order"),
    Source("check_accounts", "/CheckAccount"),
    Source("check_account_transactions", "/CheckAccountTransaction"),
    Source("check_account_transaction_logs", "/CheckAccountTransactionLog", whole=True),
    Source("parts", "/Part"),
    Source("categories", "/Category"),
    Source("unities", "/Unity", whole=True),
    Source("static_countries", "/StaticCountry", whole=True),
    Source("payment_methods", "/PaymentMethod"),
    Source("cost_centres", "/CostCentre"),
    Source("tags", "/Tag", whole=True),
    Source("tag_relations", "/TagRelation", whole=True),
    Source("sev_users", "/SevUser"),
    Source("tax_rules", "/TaxRule", whole=True),
    Source("accounting_types", "/AccountingType", whole=True),
    Source("contact_custom_field_settings", "/ContactCustomFieldSetting"),
    Source("contact_custom_fields", "/ContactCustomField"),
    Source("communication_way_keys", "/CommunicationWayKey", whole=True),
    Source("discounts", "/Discounts", whole=True),
    Source("private_transaction_rules", "/PrivateTransactionRule"),
    Source("invoice_logs", "/InvoiceLog", whole=True, history=True),
    Source("voucher_logs", "/VoucherLog", whole=True, history=True),
    Source("order_logs", "/OrderLog", whole=True, history=True),
)
"""In the order they are read: documents before their positions, the most wanted first."""
