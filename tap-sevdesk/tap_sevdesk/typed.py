"""The setting `typed`: numbers, dates and flags in place of text, for those who have no dbt.

A value that a column cannot hold, or not wholly, stays as it was sent in `additional_fields`.
"""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from tap_sevdesk.bookmark import read_time
from tap_sevdesk.rows import Number

TYPES: Mapping[str, Mapping[str, Any]] = {
    "number": {"type": ["number", "null"]},
    "date": {"type": ["string", "null"], "format": "date"},
    "moment": {"type": ["string", "null"], "format": "date-time"},
    "flag": {"type": ["boolean", "null"]},
}
"""The JSON Schema of each kind. No `multipleOf`: some validators compute it with floats."""

_NAMES = {
    "number": (
        r"sum\w*|price\w*|\w*[aA]mount|amm?ountPaid|amm?ountPayed|\w*[tT]axRate|discount|discountedValue"
        r"|balance|quantity|positionNumber|priority|score|stock|weight|secondUnityFactor|mileageRate"
        r"|propertyExchangeRate|assetMemoValue|tip|cateringTip|reminder(Total|Debit|Charge)|dunningLevel"
        r"|timeToPay|defaultTimeToPay|discountTime|defaultCashback(Time|Percent)"
    ),
    "moment": (
        r"enshrined|sendDate|sendPaymentReceivedNotificationDate|lastSync|deletedAt|restoredAt"
        r"|account(Next|Last)(Invoice|CreditNote)|recurring(Next|Last)Voucher"
    ),
    "date": r"\w*Date|deliveryDateUntil|birthday|\w*Deadline",
    "flag": (
        r"is[A-Z]\w*|propertyIs[A-Z]\w*|hidden|main|defaultAccount|baseAccount|auto(Map|Sync)Transactions?"
        r"|governmentAgency|exemptVat|defaultDiscountPercentage|defaultShowVat|optional|optionalChargeable"
        r"|createNextPart|temporary|showNet|smallSettlement|net|selectedForPaymentFile|stockEnabled"
    ),
}
"""Which properties are of which kind, by their names; the first that fits counts, the others stay text."""
_IN_ONE_STREAM = {("discounts", "value"): "number"}

_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d{1,2})?")
_WHOLE_DIGITS = _DECIMALS = 18
"""What 64 bits and NUMERIC(38) hold; readers of JSON make a float of longer whole numbers."""
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?")
_DAY_ONLY = re.compile(r"\d{4}-\d{2}-\d{2}([T ]00:00:00(\+0[12]:00)?)?")
"""A day as sevDesk sends it, midnight in Germany: the date says all of it."""
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})|\d{9,11}")
"""A time, or seconds since 1970: the form adds nothing to the moment."""
_FLAGS: Mapping[Any, bool] = {"0": False, "1": True, "false": False, "true": True}


def kind_by_name(stream: str, name: str) -> str | None:
    """Return which key of `TYPES` a text property has; `None` if it stays text."""
    if (stream, name) in _IN_ONE_STREAM:
        return _IN_ONE_STREAM[stream, name]
    return next((kind for kind, names in _NAMES.items() if re.fullmatch(names, name)), None)


def typed_schema(stream: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stream's schema with the types of `TYPES`; only text properties change."""
    properties = dict(schema["properties"])
    for name, shape in properties.items():
        kind = kind_by_name(stream, name)
        if kind and shape["type"] == ["string", "null"] and "format" not in shape:
            properties[name] = {**shape, **TYPES[kind]}
    return {**schema, "properties": properties}


def as_number(value: Any) -> tuple[Decimal | None, bool]:  # noqa: ANN401
    """Return a number exactly, and whether that is all of the value; `true` is sevDesk's 1 at times."""
    text = str(int(value)) if isinstance(value, (bool, int)) else value
    if not isinstance(text, str) or not _NUMBER.fullmatch(text):
        return None, False
    number = Decimal(format(Decimal(text), "f"))
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)  # noqa: S101  # it is finite
    if number.adjusted() >= _WHOLE_DIGITS or -exponent > _DECIMALS:
        return None, False
    return number, True


def as_date(value: Any) -> tuple[str | None, bool]:  # noqa: ANN401
    """Return the calendar date that was sent, never moved to another time zone.

    All of the value is in it only if that has no time of day.
    """
    match = _DATE.fullmatch(value) if isinstance(value, str) else None
    if match is None or isinstance(value, Number):
        return None, False
    try:
        date.fromisoformat(match[1])
    except ValueError:
        return None, False
    return match[1], _DAY_ONLY.fullmatch(value) is not None


def as_moment(value: Any) -> tuple[str | None, bool]:  # noqa: ANN401
    """Return a time in UTC; other forms than sevDesk's usual one may hold more, such as a fraction."""
    moment = read_time(value)
    return moment and moment[1], moment is not None and _MOMENT.fullmatch(str(value)) is not None


def as_flag(value: Any) -> tuple[bool | None, bool]:  # noqa: ANN401
    """Return true for 1 and true, false for 0 and false, sent as text or not."""
    if isinstance(value, bool):
        return value, True
    if isinstance(value, (str, int)) and not isinstance(value, Number):
        flag = _FLAGS.get(str(value))
        return flag, flag is not None
    return None, False
