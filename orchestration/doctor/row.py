"""One line of `make doctor`, and what each of its checks is given."""

from dataclasses import dataclass

from orchestration.environment import Environment
from orchestration.settings import Settings

GOOD, BAD, OFF = "good", "bad", "off"


@dataclass(frozen=True)
class Row:
    """`state` is GOOD, BAD, or OFF for what is not configured; `text` says more, or what to do.

    `what` is the part, where it has another name than its check.
    """

    state: str
    text: str
    what: str = ""

    def __str__(self) -> str:
        """Return the line as it is printed."""
        arrow = "→ " if self.state == BAD else ""
        return f"{self.state:<5} {self.what:<24} {arrow}{self.text}"


@dataclass(frozen=True)
class Given:
    """What a check is given. `send`: it may send one message to each channel."""

    environment: Environment
    settings: Settings
    send: bool
