"""Everything about sevDesk's API that nobody has shown in public, as switches that go either way."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Switch:
    """A switch: its default, the other values it takes (none: free text), and what it decides."""

    name: str
    default: str
    others: tuple[str, ...]
    meaning: str
    records: bool = False  # it changes what records look like

    def check(self, value: object) -> str:
        """Return the value as text.

        Raises:
            ValueError: with a sentence that names the values there are.

        """
        text = str(value)
        if self.name == "latency_ms":
            good = text.isdigit()
        else:
            good = not self.others or text in (self.default, *self.others)
        if good:
            return text
        choices = (
            "a whole number of milliseconds"
            if self.name == "latency_ms"
            else "one of " + ", ".join((self.default, *self.others))
        )
        raise ValueError(f"{text} is no value of switch {self.name}: it takes {choices}")


SWITCHES = (
    Switch(
        "ignore",
        "",
        (),
        "filters that are silently ignored: `Invoice.updateAfter`, `Contact.*`, comma between",
    ),
    Switch(
        "honour", "", (), "filters that are honoured beyond the documented ones: `CreditNote.updateAfter`"
    ),
    Switch(
        "bounds", "inclusive", ("exclusive",), "createAfter, updateAfter, startDate and the like: `>=` or `>`"
    ),
    Switch("iso_filters", "ignored", ("accepted",), "ISO times in filters that want Unix seconds"),
    Switch(
        "order",
        "create-desc",
        ("create-asc", "id-asc", "update-desc", "update-asc", "shuffled"),
        "the order of lists; `shuffled` anew in each request",
    ),
    Switch(
        "order_by",
        "honoured",
        ("ignored",),
        "the sort parameters `orderBy[0][field]` and `orderByInvoiceNumber`",
    ),
    Switch("offset", "honoured", ("ignored",), "`offset`; ignored means that each page is the first"),
    Switch("total", "string", ("int", "absent"), "how `countAll=true` writes the total"),
    Switch("drift", "none", ("insert", "update", "delete", "all"), "change a listed record after each page"),
    Switch("sr_sign", "negative", ("positive",), "sums of cancellation invoices (SR)", records=True),
    Switch("credit_note_sign", "positive", ("negative",), "sums of credit notes", records=True),
    Switch(
        "final_sums",
        "remaining",
        ("cumulative",),
        "sums of final invoices (ER): what is left, or the whole",
        records=True,
    ),
    Switch(
        "city",
        "sent",
        ("missing",),
        "`addressCity` on documents: as the firm wrote it, or always null",
        records=True,
    ),
    Switch(
        "unknown_fields",
        "off",
        ("on",),
        "three fields that nobody has documented, on each record",
        records=True,
    ),
    Switch(
        "unlisted_status",
        "off",
        ("on",),
        "status 900 on invoices and credit notes whose id ends in 8",
        records=True,
    ),
    Switch(
        "part_numbers",
        "string",
        ("number",),
        "prices and stock of parts as text or as JSON numbers",
        records=True,
    ),
    Switch(
        "system", "2.0", ("1.0",), "bookkeeping system of the account; 1.0 has no tax rules", records=True
    ),
    Switch("body_401", "error", ("status", "html", "empty"), "the body of a 401 answer"),
    Switch("unknown_id", "400", ("404",), "the status for an id that does not exist"),
    Switch("latency_ms", "0", (), "milliseconds each request waits before it is answered"),
)


class Switches:
    """The switches of one sandbox, as attributes; they may be moved while it runs."""

    def __init__(self, **values: object) -> None:
        """Set those given, the others to their defaults."""
        self._table = {switch.name: switch for switch in SWITCHES}
        self._values = {switch.name: switch.default for switch in SWITCHES}
        self.version = 0
        self.set(**values)

    def set(self, **values: object) -> None:
        """Move switches.

        Raises:
            ValueError: for an unknown switch or value, with a sentence; then none is moved.

        """
        for name in values:
            if name not in self._table:
                raise ValueError(f"there is no switch {name}: there are {', '.join(self._table)}")
        self._values |= {name: self._table[name].check(value) for name, value in values.items()}
        self.version += 1

    def __getattr__(self, name: str) -> str:
        """Return the value of a switch."""
        try:
            return self.__dict__["_values"][name]  # type: ignore[no-any-return]
        except KeyError:
            raise AttributeError(name) from None

    def all(self) -> dict[str, str]:
        """Return all values by name."""
        return dict(self._values)

    def rewriting(self) -> bool:
        """Say whether any switch that changes records stands off its default."""
        return any(switch.records and self._values[switch.name] != switch.default for switch in SWITCHES)

    def honours(self, resource: str, parameter: str, *, documented: bool) -> bool:
        """Say whether a list obeys a filter."""
        names = {f"{resource}.{parameter}", f"{resource}.*", f"*.{parameter}", "*"}
        listed = {
            switch: set(getattr(self, switch).replace(" ", "").split(",")) for switch in ("honour", "ignore")
        }
        if names & listed["ignore"]:
            return False
        return documented or bool(names & listed["honour"])
