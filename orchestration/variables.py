"""Variables of the environment, read by kind; what is wrong with one is noted by its name."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


@dataclass(frozen=True)
class Variables:
    """The variables, and the list that takes what is wrong with them. It repeats no value of a secret."""

    env: Mapping[str, str]
    problems: list[str]

    def problem(self, name: str, what: str, advice: str = "Set it in .env (.env.example says how)") -> None:
        """Note that the variable `name` is wrong: `what` it is, and what to do."""
        self.problems.append(f"{name} {what}. {advice}.")

    def text(self, name: str) -> str:
        """Return the variable without spaces around it; empty if it is not set."""
        return self.env.get(name, "").strip()

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """Return a whole number from `least` to `most`."""
        text = self.text(name) or str(default)
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            self.problem(name, f"is '{text}'", f"Set it to a whole number from {least} to {most}")
            return default
        return int(text)

    def choice(self, name: str, choices: Sequence[str]) -> str:
        """Return one of `choices`, the first by default."""
        text = self.text(name) or choices[0]
        if text not in choices:
            self.problem(name, f"is '{text}'", f"Set it to {' or '.join(choices)}")
        return text

    def url(self, name: str, default: str) -> str:
        """Return an address that begins with http:// or https://."""
        text = self.text(name) or default
        try:
            parts = urlsplit(text)
            usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:
            usable = False
        if not usable or re.search(r"[^!-~]", text):
            self.problem(name, "is not an address of the web", "Write it whole, from https:// on")
        return text

    def cron(self, name: str, default: str) -> str:
        """Return a cron expression."""
        from dagster._utils.schedules import is_valid_cron_schedule  # noqa: PLC0415 - slow to import

        text = self.text(name) or default
        if not is_valid_cron_schedule(text):
            self.problem(name, f"is '{text}', no cron expression", f"Write minute, hour, ...: {default}")
        return text
