"""One line of `make doctor`: what was looked at, how it is, and what to do if it is bad."""

from dataclasses import dataclass

GOOD, BAD, OFF = "good", "bad", "off"


@dataclass(frozen=True)
class Row:
    """`state` is GOOD, BAD, or OFF for what nobody has configured; `told` says more, or what to do."""

    state: str
    what: str
    told: str

    def __str__(self) -> str:
        """Return the line as it is printed."""
        arrow = "→ " if self.state == BAD else ""
        return f"{self.state:<5} {self.what:<24} {arrow}{self.told}"
