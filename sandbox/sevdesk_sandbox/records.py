"""What a record looks like on the wire: the fields of each resource, and how values are written.

A word below is a field that is null when unset; `field=text` gives the default, `field=#0` a JSON number and
`field=@Model:7` a reference. Nearly everything is a string, as in sevDesk's API.
"""

from __future__ import annotations

from typing import Any

Record = dict[str, Any]

COMMON = "create update sevClient=@SevClient:1 additionalInformation"
UNCHANGING = "create sevClient=@SevClient:1 additionalInformation"
DOCUMENT = f"""{COMMON} contact header headText footText addressCountry=@StaticCountry:1
    createUser=@SevUser:1 contactPerson=@SevUser:1 status=100 smallSettlement=0 taxRate=0 taxRule=@TaxRule:1
    taxSet taxText=Umsatzsteuer_19% taxType sendDate address currency=EUR sumNet=0 sumTax=0 sumGross=0
    sumDiscounts=0 sumNetForeignCurrency=0 sumTaxForeignCurrency=0 sumGrossForeignCurrency=0
    sumDiscountsForeignCurrency=0 customerInternalNote showNet=1 sendType"""
ADDRESS = "addressName addressStreet addressZip addressCity addressName2 addressParentName addressParentName2"
LINE = f"""{COMMON} part quantity=1 price=0 priceNet=0 priceTax=0 priceGross=0 name unity=@Unity:1
    positionNumber=0 text discount taxRate=19 sumDiscount=0"""
ACCOUNTING = "sumNetAccounting=0 sumTaxAccounting=0 sumGrossAccounting=0"
SUMS = f"sumNet=0 sumTax=0 sumGross=0 {ACCOUNTING}"

FIELDS = {
    "Invoice": f"""invoiceNumber {DOCUMENT} {ADDRESS} {ACCOUNTING} invoiceDate timeToPay=14 discountTime=0
        discount=0 payDate deliveryDate deliveryDateUntil dunningLevel paymentMethod=@PaymentMethod:1
        costCentre origin invoiceType=RE accountIntervall accountNextInvoice accountLastInvoice
        accountStartDate accountEndDate reminderTotal reminderDebit reminderDeadline reminderCharge
        paidAmount=#0 enshrined datevConnectOnline sendPaymentReceivedNotificationDate addressGender
        addressContactRef originLastInvoice entryType deliveryAddressCountry propertyIsEInvoice
        sumDiscountNet=0 sumDiscountGross=0 sumDiscountNetForeignCurrency=0
        sumDiscountGrossForeignCurrency=0""",
    "InvoicePos": f"""{LINE} {SUMS} invoice temporary=0 isPercentage=0 discountedValue=0
        sumNetForeignCurrency=0 sumTaxForeignCurrency=0 sumGrossForeignCurrency=0
        sumDiscountForeignCurrency=0 createNextPart=0""",
    "CreditNote": f"""creditNoteNumber {DOCUMENT} {ADDRESS} creditNoteDate deliveryDate payDate
        bookingCategory refSrcInvoice enshrined""",
    "CreditNotePos": f"{LINE} creditNote optional=0",
    "Order": f"""orderNumber {DOCUMENT} {ADDRESS} orderDate deliveryTerms paymentTerms origin version=0
        orderType=AN""",
    "OrderPos": f"{LINE} order optional=0",
    "Voucher": f"""{COMMON} {SUMS} createUser=@SevUser:1 voucherDate supplier supplierName description
        document payDate status=100 sumDiscounts=0 sumDiscountsForeignCurrency=0 paidAmount=#0
        taxRule=@TaxRule:9 taxType creditDebit=C costCentre voucherType=VOU currency=EUR
        propertyForeignCurrencyDeadline propertyExchangeRate recurringInterval recurringStartDate
        recurringNextVoucher recurringLastVoucher recurringEndDate enshrined taxSet paymentDeadline
        deliveryDate deliveryDateUntil hidden=0 showNet=1""",
    "VoucherPos": f"""{COMMON} {SUMS} voucher accountDatev=@AccountDatev:3650 accountingType
        estimatedAccountingType taxRate=19 net=1 isAsset=0 comment""",
    "Contact": f"""{COMMON} name name2 surename familyname titel status=1000 customerNumber parent
        category=@Category:3 description academicTitle gender birthday vatNumber bankAccount bankNumber
        defaultCashbackTime defaultCashbackPercent defaultTimeToPay taxNumber taxOffice exemptVat=0
        defaultDiscountAmount defaultDiscountPercentage=0 buyerReference governmentAgency=0""",
    "ContactAddress": f"""{COMMON} contact street zip city country=@StaticCountry:1 category=@Category:47
        name name2 name3 name4""",
    "CommunicationWay": f"{COMMON} contact type value key=@CommunicationWayKey:2 main=0",
    "AccountingContact": f"{COMMON} contact debitorNumber creditorNumber",
    "CheckAccount": f"""{COMMON} name iban type=online importType currency=EUR defaultAccount=0
        baseAccount=0 priority=0 status=100 balance bankServer autoMapTransactions=1 autoSyncTransactions=1
        lastSync accountingNumber bic""",
    "CheckAccountTransaction": f"""{COMMON} valueDate entryDate paymtPurpose amount payeePayerName
        payeePayerAcctNo payeePayerBankCode gvCode entryText primaNotaNo checkAccount=@CheckAccount:1
        status=100 sourceTransaction targetTransaction enshrined""",
    "Part": f"""{COMMON} name partNumber text category stock=0 stockEnabled=1 unity=@Unity:1 price priceNet
        priceGross pricePurchase taxRate=19 status=100 internalComment""",
    "Category": f"{COMMON} parent name objectType priority=0 code color postingAccount type translationCode",
    "CostCentre": f"{COMMON} number name color postingAccount",
    "PaymentMethod": f"{COMMON} name text translationCode",
    "SevUser": f"{COMMON} fullname firstName lastName username status=100 email languageCode role",
    "Unity": f"{UNCHANGING} name translationCode",
    "Tag": f"{UNCHANGING} name",
    "TagRelation": f"{UNCHANGING} tag object",
    "CheckAccountTransactionLog": f"""{UNCHANGING} checkAccountTransaction object fromStatus toStatus
        amountPaid bookingDate""",
    "TaxRule": "additionalInformation name description code countryClient countryContactType",
    "AccountingType": f"{COMMON} parent name translationCode type status hidden",
    "ContactCustomField": f"{COMMON} contact contactCustomFieldSetting value",
    "ContactCustomFieldSetting": f"{COMMON} name identifier description",
    "CommunicationWayKey": "additionalInformation create update name translationCode",
    "PrivateTransactionRule": f"{COMMON} paymentPurpose counterpartName",
    "InvoiceLog": f"{UNCHANGING} invoice fromStatus toStatus ammountPayed bookingDate",
    "VoucherLog": f"{UNCHANGING} voucher fromStatus toStatus amountPayed bookingDate",
    "OrderLog": f"{UNCHANGING} order fromStatus toStatus",
    "Discounts": f"{COMMON} object text discount isPercentage value",
    "StaticCountry": "additionalInformation code name nameEn translationCode locale priority=100",
}


def ref(model: str, key: str) -> dict[str, str]:
    """Write a reference the way the API does."""
    return {"id": key, "objectName": model}


def _value(text: str) -> object:
    if text.startswith("#"):
        return int(text[1:])
    if text.startswith("@"):
        return ref(*text[1:].split(":"))
    return text.replace("_", " ")


def _blank(resource: str) -> Record:
    pairs = (word.partition("=") for word in FIELDS[resource].split())
    fields = {name: _value(text) if given else None for name, given, text in pairs}
    return {"id": None, "objectName": resource, **fields}


BLANKS = {resource: _blank(resource) for resource in FIELDS}


def amount(cents: int) -> str:
    """Write cents as the API writes money: a string with a decimal point and no trailing zeros."""
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole}" + (f".{rest:02}".rstrip("0") if rest else "")


def number(cents: int) -> float | int:
    """Write cents as the JSON number that only `paidAmount` is."""
    return cents // 100 if cents % 100 == 0 else cents / 100
