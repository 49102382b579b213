"""What a record looks like on the wire: the fields of each resource, and how values are written.

A word below is a field that is null when unset; `field=text` gives the default, `field=#0` a JSON number and
`field=@Model:7` a reference. Nearly everything is a string, as in sevDesk's API.
"""

from __future__ import annotations

from typing import Any

Record = dict[str, Any]

SEV_CLIENT = "1"
"""Id of the made-up firm's account (`sevClient` of every record): data that bear it are not real."""

COMMON = f"create update sevClient=@SevClient:{SEV_CLIENT} additionalInformation"
UNCHANGING = f"create sevClient=@SevClient:{SEV_CLIENT} additionalInformation"
DOCUMENT = f"""{COMMON} contact header headText footText addressCountry=@StaticCountry:1
    createUser=@SevUser:1 contactPerson=@SevUser:1 status=100 smallSettlement=0 taxRate=0 taxRule=@TaxRule:1
    taxSet taxText=Umsatzsteuer_19% taxType sendDate address currency=EUR sumNet=0 sumTax=0 sumGross=0
    sumDiscounts=0 sumNetForeignCurrency=0 sumTaxForeignCurrency=0 sumGrossForeignCurrency=0
    sumDiscountsForeignCurrency=0 customerInternalNote showNet=1 sendType"""
ADDRESS = """addressName addressStreet addressZip addressCity addressName2 addressParentName
    addressParentName2"""
LINE = f"""{COMMON} part quantity=1 price=0 priceNet=0 priceTax=0 priceGross=0 name unity=@Unity:1
    positionNumber=0 text discount taxRate=19 sumDiscount=0"""
ACCOUNTING = "sumNetAccounting=0 sumTaxAccounting=0 sumGrossAccounting=0"
FOREIGN = """sumNetForeignCurrency=0 sumTaxForeignCurrency=0 sumGrossForeignCurrency=0
    sumDiscountForeignCurrency=0"""
SUMS = f"sumNet=0 sumTax=0 sumGross=0 {ACCOUNTING}"
DISCOUNTS = """sumDiscountNet=0 sumDiscountGross=0 sumDiscountNetForeignCurrency=0
    sumDiscountGrossForeignCurrency=0"""
LOG = f"{UNCHANGING} fromStatus toStatus bookingDate"

FIELDS = {
    "Invoice": f"""invoiceNumber {DOCUMENT} {ADDRESS} {ACCOUNTING} {DISCOUNTS} invoiceDate timeToPay=14
        discountTime=0 discount=0 payDate deliveryDate deliveryDateUntil dunningLevel
        paymentMethod=@PaymentMethod:1 costCentre origin invoiceType=RE accountIntervall accountNextInvoice
        accountLastInvoice accountStartDate accountEndDate reminderTotal reminderDebit reminderDeadline
        reminderCharge paidAmount=#0 enshrined datevConnectOnline sendPaymentReceivedNotificationDate
        addressGender addressContactRef originLastInvoice entryType deliveryAddressCountry
        propertyIsEInvoice""",
    "InvoicePos": f"""{LINE} {SUMS} {FOREIGN} invoice temporary=0 isPercentage=0 discountedValue=0
        createNextPart=0""",
    "CreditNote": f"""creditNoteNumber {DOCUMENT} {ADDRESS} creditNoteDate deliveryDate deliveryDateUntil
        payDate bookingCategory refSrcInvoice enshrined""",
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
    "CommunicationWayKey": "create update additionalInformation name translationCode",
    "AccountingContact": f"{COMMON} contact debitorNumber creditorNumber",
    "ContactCustomField": f"{COMMON} contact contactCustomFieldSetting value",
    "ContactCustomFieldSetting": f"{COMMON} name identifier description",
    "CheckAccount": f"""{COMMON} name iban type=online importType currency=EUR defaultAccount=0
        baseAccount=0 priority=0 status=100 balance bankServer autoMapTransactions=1 autoSyncTransactions=1
        lastSync accountingNumber bic""",
    "CheckAccountTransaction": f"""{COMMON} valueDate entryDate paymtPurpose amount payeePayerName
        payeePayerAcctNo payeePayerBankCode gvCode entryText primaNotaNo checkAccount=@CheckAccount:1
        status=100 score compareHash sourceTransaction targetTransaction enshrined""",
    "CheckAccountTransactionLog": f"{LOG} checkAccountTransaction amountPaid=#0 object",
    "InvoiceLog": f"{LOG} invoice ammountPayed=0",
    "VoucherLog": f"{LOG} voucher amountPayed=0",
    "OrderLog": f"{UNCHANGING} order fromStatus toStatus",
    "Discounts": f"{COMMON} object text discount=1 isPercentage=1 value=0",
    "PrivateTransactionRule": f"{COMMON} paymentPurpose counterpartName",
    "AccountingType": f"{COMMON} parent name translationCode skr03 skr04 type status=100 hidden=0",
    "TaxRule": "additionalInformation name description code countryClient=@StaticCountry:1",
    "Part": f"""{COMMON} name partNumber text category stock=0 stockEnabled=1 unity=@Unity:1 price priceNet
        priceGross pricePurchase taxRate=19 status=100 internalComment""",
    "Category": f"{COMMON} parent name objectType priority=0 code color postingAccount type translationCode",
    "CostCentre": f"{COMMON} number name color postingAccount",
    "PaymentMethod": f"{COMMON} name text translationCode",
    "SevUser": f"{COMMON} fullname firstName lastName username status=100 email languageCode role",
    "Unity": f"{UNCHANGING} name translationCode",
    "Tag": f"{UNCHANGING} name",
    "TagRelation": f"{UNCHANGING} tag object",
    "StaticCountry": "additionalInformation code name nameEn translationCode locale priority=100",
}
# Fields that live accounts send and the official description lacks (BEHAVIOR.md 22).
UNDESCRIBED = {
    "Invoice": "einvoiceReference sepaMandateReference sepaCreditorId sepaPayerIban",
    "InvoicePos": "priority=100",
    "CreditNote": f"""origin creditNoteType=CN paymentMethod timeToPay discount=0 discountTime=0 {ACCOUNTING}
        {DISCOUNTS} propertyIsEInvoice isTransferred=0 taxNumber vatNumber accountIntervall
        accountLastCreditNote accountNextCreditNote accountEndDate reminderTotal reminderDebit
        reminderDeadline reminderCharge addressGender refSrcVoucher""",
    "CreditNotePos": f"""{SUMS} {FOREIGN} isPercentage=1 discountedValue priority=100 temporary=0
        createNextPart""",
    "Order": f"{DISCOUNTS} weight=0 addressGender",
    "OrderPos": f"""{SUMS} {FOREIGN} isPercentage=1 discountedValue priority=100 optionalChargeable=0
        createNextPart""",
    "Voucher": f"""{DISCOUNTS} sumNetForeignCurrency=0 sumTaxForeignCurrency=0 sumGrossForeignCurrency=0
        resultDisdar taxmaroStockAccount recurringIntervall sendType inSource iban accountingSpecialCase
        tip=0 mileageRate=0 selectedForPaymentFile=0 supplierNameAtSave vatNumber""",
    "VoucherPos": f"""sum {FOREIGN} isPercentage=1 discountedValue=0 isGwg=0 assetMemoValue=0
        cateringTaxRate cateringTip=0 specialAccountingField1 specialAccountingField2 specialAccountingField3
        specialAccountingField4 specialAccountingField5 createNextPart""",
    "Contact": "mandateReference defaultShowVat=1 taxType",
    "CheckAccount": "autoMapTransaction=1 countryCode checkAccId pin translationCode",
    "CheckAccountTransaction": "feeAmount externalId deletedAt restoredAt obonoReceiptUuid",
    "PaymentMethod": "electronicInvoiceId",
    "Unity": "update unitySystem=general uneceTradeUnitCode",
    "TaxRule": "countryContactType",
}
# Fields that refer to another record: sevDesk leaves them out when they are unset.
REFERENCES = frozenset(
    """contact contactPerson createUser addressCountry addressContactRef deliveryAddressCountry part
    unity invoice creditNote order voucher origin originLastInvoice costCentre paymentMethod taxRule
    taxSet refSrcInvoice refSrcVoucher supplier document accountDatev accountingType
    estimatedAccountingType parent category country key tag object checkAccount
    checkAccountTransaction sourceTransaction targetTransaction contactCustomFieldSetting role
    countryClient""".split()  # noqa: SIM905
)


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
    words = f"{FIELDS[resource]} {UNDESCRIBED.get(resource, '')}".split()
    pairs = (word.partition("=") for word in words)
    fields = {name: _value(text) if given else None for name, given, text in pairs}
    return {"id": None, "objectName": resource, **fields}


BLANKS = {resource: _blank(resource) for resource in FIELDS}
LEFT_OUT = {
    resource: frozenset(word.partition("=")[0] for word in words.split())
    for resource, words in UNDESCRIBED.items()
}


def amount(cents: int) -> str:
    """Write cents as the API writes money: a string with a decimal point and no trailing zeros."""
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole}" + (f".{rest:02}".rstrip("0") if rest else "")


def exact(ten_thousandths: int) -> str:
    """Write an amount with up to four decimals and no trailing zeros."""
    sign, digits = "-" * (ten_thousandths < 0), f"{abs(ten_thousandths):05}"
    return f"{sign}{digits[:-4]}.{digits[-4:]}".rstrip("0").rstrip(".")


def number(cents: int) -> float | int:
    """Write cents as the JSON number that only `paidAmount` is."""
    return cents // 100 if cents % 100 == 0 else cents / 100
