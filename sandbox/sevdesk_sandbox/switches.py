"""What differs between accounts or is not known of sevDesk's API, as switches that go either way."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from sevdesk_sandbox.records import SEV_CLIENT
from sevdesk_sandbox.resources import RESOURCES

# name | values, the default first | what it decides
_TABLE = """
ignore | filters | filters that are silently ignored, such as `Invoice.updateAfter,Contact.*`
honour | filters | filters that are honoured beyond the documented ones, such as `CreditNote.updateAfter`
bounds | inclusive exclusive | whether `updateAfter`, `startDate` and the like mean `>=` or `>`
iso_filters | ignored accepted | ISO times in filters that are documented as timestamps
order | by-list create-desc create-asc id-asc update-desc update-asc shuffled | order of each list, or of all
order_by | honoured ignored | the sort parameters, `orderBy[0][field]` and `orderByInvoiceNumber`
offset | honoured ignored | the parameter `offset`; ignored, every page is the first
total | string int absent | how `countAll=true` writes the total
miscounted | lists | lists whose total is one more than the records they send, such as `Invoice,CreditNote`
emptied | lists | lists that answer 200 with no record and a total of 0
restricted | lists | lists of which the token may see half, with a total that matches; `*` means all
refused | answers | lists that answer with an error, such as `Tag=403`; 200 is an error inside a good status
undecodable | kinds | lists with one spoilt row, such as `Invoice=nan` (null, no-id, scalar, nan, deep, utf8)
unknown_lists | empty refused | a list the sandbox does not know, such as `/Sandwich`: empty, or a 404
drift | none insert update delete all | what happens to the records of a list after each page of it
sr_sign | negative positive | sums of cancellation invoices (SR)
credit_note_sign | positive negative | sums of credit notes
cancelled_pay_date | null set | `payDate` of a cancelled invoice and of what cancels it
final_sums | remaining cumulative | sums of final invoices (ER): what is left to bill, or the whole chain
accounting_sums | differ same | `sum...Accounting`: other than the sums where less was paid, or the same
city | sent missing | `addressCity` of documents: as the firm wrote it, or always null
undescribed_fields | sent left-out | the fields that live accounts send and the official description lacks
unset_references | absent null | references that are not set
position_values | numbers text | invoice positions: amounts, counts and flags as JSON numbers and booleans
reversal_dates | time-of-day midnight | dates of cancellations, credit notes and bank lines
escaped_text | escaped plain | names of contacts, parts and invoice positions: `&amp;` or `&`
country_codes | unclean clean | countries: three with the code `gb` and one with `du`, or each code once
unknown_fields | off on | three fields nobody has documented, on each record
rough | off on | records as rough as JSON allows: other types, orders of fields, embedded objects
unlisted_status | off on | status 900 on invoices and credit notes whose id ends in 8
part_numbers | string number | stock and prices of parts: text or JSON numbers
bank_deletes | soft hard | a deleted bank line by its id: still there with `deletedAt`, or gone
by_id | mixed array | one record by its id: an object for addresses and communication ways, else an array
system | 2.0 1.0 | bookkeeping system of the account; with 1.0 documents have no tax rule
account | id | `sevClient` of every record: the id of the account (default 1)
body_401 | error status html empty | the body of a 401
unknown_id | 404 400 | status for the id of a record that does not exist (contacts: always 400)
date | right absent unreadable | the header `Date` of each answer
clock_skew_s | seconds | how far the header `Date` is ahead of the clock (default 0, negative: behind)
latency_ms | milliseconds | how long each request waits for its answer (default 0)
"""
AS_DESCRIBED = {
    "undescribed_fields": "left-out",
    "unset_references": "null",
    "position_values": "text",
    "reversal_dates": "midnight",
    "escaped_text": "plain",
    "accounting_sums": "same",
    "cancelled_pay_date": "set",
    "country_codes": "clean",
    "bank_deletes": "hard",
    "by_id": "array",
    "unknown_id": "400",
    "order": "create-desc",
}
"""Switches with which records and answers are as the official description has them."""
SPOILT = ("null", "no-id", "scalar", "nan", "deep", "utf8")
_DEFAULTS = {"milliseconds": "0", "seconds": "0", "id": SEV_CLIENT}
_FREE = {"filters", "lists", "answers", "kinds"}
_FILTER = re.compile(r"(\*|\w+)\.[\w\[\]*]+")


@dataclass(frozen=True)
class Switch:
    """A switch: its values, the default first, or the kind of value it takes."""

    name: str
    values: tuple[str, ...]
    meaning: str

    @property
    def default(self) -> str:
        """The value it has unless set."""
        kind = self.values[0]
        return "" if kind in _FREE else _DEFAULTS.get(kind, kind)

    def check(self, value: object) -> str:
        """Return a value as text.

        Raises:
            ValueError: with a sentence that says which values there are.

        """
        text = str(value)
        good, wanted = _CHECKS.get(self.values[0], (self.values.__contains__, ", ".join(self.values)))
        if not good(text):
            raise ValueError(f"{text} is no value of switch {self.name}: it takes {wanted}")
        return text


def parts(text: str) -> set[str]:
    """Split a value at its commas."""
    return {part.strip() for part in text.split(",") if part.strip()}


def pairs(text: str) -> dict[str, str]:
    """Read a value such as `Tag=403,Part=404`."""
    return {name.strip(): value.strip() for name, _, value in (part.partition("=") for part in parts(text))}


def _are_filters(text: str) -> bool:
    found = [_FILTER.fullmatch(part) for part in parts(text)]
    return all(each is not None and each[1] in {"*", *RESOURCES} for each in found)


def _are_pairs(text: str, good: Callable[[str], bool]) -> bool:
    return all(name in RESOURCES and good(value) for name, value in pairs(text).items())


_CHECKS: dict[str, tuple[Callable[[str], bool], str]] = {
    "milliseconds": (str.isdigit, "a whole number of milliseconds"),
    "seconds": (lambda text: text.removeprefix("-").isdigit(), "a whole number of seconds"),
    "id": (str.isdigit, "the digits of an id"),
    "filters": (
        _are_filters,
        "filters such as Invoice.updateAfter, Contact.* or *.updateAfter, with commas between",
    ),
    "lists": (
        lambda text: parts(text) <= {"*", *RESOURCES},
        "names of lists such as Invoice, CreditNote with commas between",
    ),
    "answers": (
        lambda text: _are_pairs(text, lambda value: bool(re.fullmatch("200|[45][0-9][0-9]", value))),
        "lists with a status such as Tag=403, Part=404",
    ),
    "kinds": (
        lambda text: _are_pairs(text, SPOILT.__contains__),
        f"lists with what is wrong, such as Invoice=nan: {', '.join(SPOILT)}",
    ),
}


def _switch(line: str) -> Switch:
    name, values, meaning = line.split(" | ")
    return Switch(name, tuple(values.split()), meaning)


SWITCHES = {switch.name: switch for switch in map(_switch, _TABLE.strip().splitlines())}


class Switches:
    """The switches of one sandbox, as attributes; they may be moved while it runs."""

    def __init__(self, **values: object) -> None:
        """Set those given, the others to their defaults."""
        self._values = {switch.name: switch.default for switch in SWITCHES.values()}
        self.version = 0
        self.set(**values)

    def set(self, **values: object) -> None:
        """Move switches.

        Raises:
            ValueError: for an unknown switch or value, with a sentence; then none is moved.

        """
        for name in values:
            if name not in SWITCHES:
                raise ValueError(f"there is no switch {name}: there are {', '.join(SWITCHES)}")
        self._values |= {name: SWITCHES[name].check(value) for name, value in values.items()}
        self.version += 1

    def __getattr__(self, name: str) -> str:
        """Return the value of a switch."""
        if name not in SWITCHES:
            raise AttributeError(name)
        return self._values[name]

    def all(self) -> dict[str, str]:
        """Return all values by name."""
        return dict(self._values)

    def miscounts(self, resource: str) -> bool:
        """Say whether the total of a list is wrong."""
        return self.names("miscounted", resource)

    def names(self, switch: str, resource: str) -> bool:
        """Say whether a switch that takes lists names this one."""
        return bool({"*", resource} & parts(self._values[switch]))

    def honours(self, resource: str, parameter: str, *, documented: bool) -> bool:
        """Say whether a list obeys a filter."""
        names = {f"{resource}.{parameter}", f"{resource}.*", f"*.{parameter}", "*.*"}
        ignored, honoured = parts(self.ignore), parts(self.honour)
        return not names & ignored and (documented or bool(names & honoured))
