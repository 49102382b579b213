"""The endpoints, each a row of data: which filters and sorts its list obeys when all are as documented."""

from __future__ import annotations

from dataclasses import dataclass

TIME_FILTERS = ("createAfter", "createBefore", "updateAfter", "updateBefore")


@dataclass(frozen=True)
class Resource:
    """An endpoint with a list and single records.

    `same` are parameters compared with the field of their name, `refs` those of the form `contact[id]`. `day`
    is the business date that `startDate` and `endDate` look at, in Unix seconds or (`iso_days`) ISO times.
    `times` says whether TIME_FILTERS are documented, `positions` what `/{id}/getPositions` lists. `order` is
    the list's own. `one` marks those whose single record comes as an object instead of an array of one.
    """

    name: str
    same: tuple[str, ...] = ()
    refs: tuple[str, ...] = ()
    day: str = ""
    iso_days: bool = False
    times: bool = False
    positions: str = ""
    sorts: tuple[str, ...] = ()
    order: str = "create-desc"
    one: bool = False


_ROWS = (
    Resource(
        "Invoice",
        same=("status", "invoiceNumber", "invoiceType", "sendType", "customerInternalNote"),
        refs=("contact", "costCentre", "paymentMethod", "origin"),
        day="invoiceDate",
        times=True,
        positions="InvoicePos",
        sorts=("orderByInvoiceNumber",),
    ),
    Resource("InvoicePos", same=("id",), refs=("invoice", "part")),
    Resource(
        "CreditNote",
        same=("status", "creditNoteNumber"),
        refs=("contact",),
        day="creditNoteDate",
        sorts=("orderByCreditNoteNumber",),
    ),
    Resource(
        "Contact",
        same=("customerNumber", "name"),
        refs=("category", "parent"),
        times=True,
        sorts=("orderByCustomerNumber",),
    ),
    Resource("ContactAddress", one=True),
    Resource("CommunicationWay", same=("type", "main"), refs=("contact",), one=True),
    Resource("CommunicationWayKey"),
    Resource("AccountingContact", refs=("contact",)),
    Resource("CreditNotePos", refs=("creditNote",)),
    Resource(
        "Order",
        same=("status", "orderNumber", "orderType"),
        refs=("contact",),
        day="orderDate",
        times=True,
        positions="OrderPos",
        sorts=("orderByOrderNumber",),
    ),
    Resource("OrderPos", refs=("order", "part")),
    Resource(
        "Voucher",
        same=("status", "creditDebit", "voucherType"),
        refs=("supplier", "costCentre"),
        day="voucherDate",
        times=True,
        order="create-asc",
    ),
    Resource("VoucherPos", refs=("voucher",)),
    Resource("CheckAccount"),
    Resource(
        "CheckAccountTransaction",
        same=("paymtPurpose", "payeePayerName"),
        refs=("checkAccount",),
        day="entryDate",
        iso_days=True,
        order="valueDate-desc",
    ),
    Resource("CheckAccountTransactionLog", refs=("checkAccountTransaction",)),
    Resource("Part", same=("partNumber", "name")),
    Resource("Category", same=("objectType",)),
    Resource("Tag", same=("id", "name")),
    *(
        Resource(name)
        for name in [
            "TagRelation",
            "Unity",
            "PaymentMethod",
            "CostCentre",
            "SevUser",
            "StaticCountry",
            "TaxRule",
            "AccountingType",
            "ContactCustomField",
            "ContactCustomFieldSetting",
            "PrivateTransactionRule",
            "InvoiceLog",
            "VoucherLog",
            "OrderLog",
            "Discounts",
        ]
    ),
)
RESOURCES = {row.name: row for row in _ROWS}
