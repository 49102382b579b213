"""All streams as a table. What else is known of a stream follows from its row and its schema file."""

import functools
import importlib.resources
import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Source:
    """One of sevDesk's lists.

    `params` go with every request. `filtered` lists understand `updateAfter` by sevDesk's documentation; all
    others are read whole (BEHAVIOR.md 8). Positions name the stream of their documents in `parent` and the
    reference to it in `parent_field`.
    """

    name: str
    path: str
    params: tuple[tuple[str, str], ...] = ()
    filtered: bool = False
    parent: str | None = None
    parent_field: str = ""

    @property
    def schema(self) -> dict[str, Any]:
        """The stream's JSON Schema, the same object each time."""
        return load_schema(self.name)

    @property
    def replication_key(self) -> str | None:
        """`update` where the records bear it; without one a stream is read whole each time."""
        return "update" if "update" in self.schema["properties"] else None


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
    Source("contacts", "/Contact", params=(("depth", "1"),), filtered=True),
    Source("contact_addresses", "/ContactAddress"),
    Source("communication_ways", "/CommunicationWay"),
    Source("accounting_contacts", "/AccountingContact"),
    Source("vouchers", "/Voucher", filtered=True),
    Source("voucher_positions", "/VoucherPos", parent="vouchers", parent_field="voucher"),
    Source("orders", "/Order", filtered=True),
    Source("order_positions", "/OrderPos", parent="orders", parent_field="order"),
    Source("check_accounts", "/CheckAccount"),
    Source("check_account_transactions", "/CheckAccountTransaction"),
    Source("parts", "/Part"),
    Source("categories", "/Category"),
    Source("unities", "/Unity"),
    Source("static_countries", "/StaticCountry"),
    Source("payment_methods", "/PaymentMethod"),
    Source("cost_centres", "/CostCentre"),
    Source("tags", "/Tag"),
    Source("tag_relations", "/TagRelation"),
    Source("sev_users", "/SevUser"),
)
"""In the order they are read: documents before their positions, the most wanted first."""
