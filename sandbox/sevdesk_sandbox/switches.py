"""Everything about sevDesk's API that nobody has shown in public, as switches that go either way."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sevdesk_sandbox.resources import RESOURCES

# name | values, the default first | what it decides. A `*` marks those that change what records look like.
_TABLE = """
ignore | filters | filters that are silently ignored, such as `Invoice.updateAfter,Contact.*`
honour | filters | filters that are honoured beyond the documented ones, such as `CreditNote.updateAfter`
bounds | inclusive exclusive | whether `updateAfter`, `startDate` and the like mean `>=` or `>`
iso_filters | ignored accepted | ISO times in filters that are documented as timestamps
order | create-desc create-asc id-asc update-desc update-asc shuffled | order of lists (shuffled: each time)
order_by | honoured ignored | the sort parameters, `orderBy[0][field]` and `orderByInvoiceNumber`
offset | honoured ignored | the parameter `offset`; ignored, every page is the first
total | string int absent | how `countAll=true` writes the total
miscounted | lists | lists whose total is one more than the records they send, such as `Invoice,CreditNote`
drift | none insert update delete all | what happens to the records of a list after each page of it
sr_sign* | negative positive | sums of cancellation invoices (SR)
credit_note_sign* | positive negative | sums of credit notes
final_sums* | remaining cumulative | sums of final invoices (ER): what is left to bill, or the whole chain
city* | sent missing | `addressCity` of documents: as the firm wrote it, or always null
unknown_fields* | off on | three fields nobody has documented, on each record
unlisted_status* | off on | status 900 on invoices and credit notes whose id ends in 8
part_numbers* | string number | stock and prices of parts: text or JSON numbers
system* | 2.0 1.0 | bookkeeping system of the account; with 1.0 documents have no tax rule
body_401 | error status html empty | the body of a 401
unknown_id | 400 404 | status for the id of a record that does not exist
latency_ms | milliseconds | how long each request waits for its answer (default 0)
"""
_FILTER = re.compile(r"(\*|\w+)\.[\w\[\]*]+")


@dataclass(frozen=True)
class Switch:
    """A switch: its values, the default first, and whether it changes what records look like (`rewrites`)."""

    name: str
    values: tuple[str, ...]
    meaning: str
    rewrites: bool = False

    @property
    def default(self) -> str:
        """The value it has unless set."""
        return {"filters": "", "lists": "", "milliseconds": "0"}.get(self.values[0], self.values[0])

    def check(self, value: object) -> str:
        """Return a value as text.

        Raises:
            ValueError: with a sentence that says which values there are.

        """
        text = str(value)
        if self.values == ("milliseconds",):
            good, wanted = text.isdigit(), "a whole number of milliseconds"
        elif self.values == ("filters",):
            found = [_FILTER.fullmatch(part.strip()) for part in text.split(",") if part.strip()]
            good = all(each is not None and each[1] in {"*", *RESOURCES} for each in found)
            wanted = "filters such as Invoice.updateAfter, Contact.* or *.updateAfter, with commas between"
        elif self.values == ("lists",):
            good = {part.strip() for part in text.split(",") if part.strip()} <= set(RESOURCES)
            wanted = "names of lists such as Invoice, CreditNote with commas between"
        else:
            good, wanted = text in self.values, ", ".join(self.values)
        if not good:
            raise ValueError(f"{text} is no value of switch {self.name}: it takes {wanted}")
        return text


def _switch(line: str) -> Switch:
    name, values, meaning = line.split(" | ")
    return Switch(name.rstrip("*"), tuple(values.split()), meaning, rewrites=name.endswith("*"))


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

    def rewriting(self) -> bool:
        """Say whether any switch that changes records stands off its default."""
        return any(each.rewrites and self._values[each.name] != each.default for each in SWITCHES.values())

    def miscounts(self, resource: str) -> bool:
        """Say whether the total of a list is wrong."""
        return resource in {part.strip() for part in self.miscounted.split(",")}

    def honours(self, resource: str, parameter: str, *, documented: bool) -> bool:
        """Say whether a list obeys a filter."""
        names = {f"{resource}.{parameter}", f"{resource}.*", f"*.{parameter}", "*.*"}
        ignored, honoured = (
            {part.strip() for part in text.split(",")} for text in (self.ignore, self.honour)
        )
        return not names & ignored and (documented or bool(names & honoured))
