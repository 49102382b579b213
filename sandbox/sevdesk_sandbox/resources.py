"""The endpoints, each a row of data: which filters and sorts its list obeys when all are as documented."""

from __future__ import annotations

from dataclasses import dataclass

TIME_FILTERS = ("createAfter", "createBefore", "updateAfter", "updateBefore")


@dataclass(frozen=True)
class Resource:
    """An endpoint with a list and single records.

    `same` are parameters compared with the field of their name, `refs` those of the form `contact[id]`. `day`
    is the business date that `startDate` and `endDate` look at, in Unix seconds or (`iso_days`) ISO times.
    `times` says whether TIME_FILTERS are documented, `positions` what `/{id}/getPositions` lists.
    """

    name: str
    same: tuple[str, ...] = ()
    refs: tuple[str, ...] = ()
    day: str = ""
    iso_days: bool = False
    times: bool = False
    positions: str = ""
    sorts: tuple[str, ...] = ()


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
    Resource("ContactAddress"),
    Resource("CommunicationWay", same=("type", "main"), refs=("contact",)),
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
    ),
    Resource("VoucherPos", refs=("voucher",)),
    Resource("CheckAccount"),
    Resource(
        "CheckAccountTransaction",
        same=("paymtPurpose", "payeePayerName"),
        refs=("checkAccount",),
        day="valueDate",
        iso_days=True,
    ),
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
            "CheckAccountTransactionLog",
            "TaxRule",
            "AccountingType",
            "ContactCustomField",
            "ContactCustomFieldSetting",
            "CommunicationWayKey",
            "PrivateTransactionRule",
            "InvoiceLog",
            "VoucherLog",
            "OrderLog",
            "Discounts",
        ]
    ),
)
RESOURCES = {row.name: row for row in _ROWS}
