"""Errors as people read them: one text for engineers, one for everybody; a traceback as a line."""


class PublicError(Exception):
    """What failed, in one or two sentences; `public` is the same without text from data or warehouse."""

    def __init__(self, reason: str, public: str = "") -> None:
        super().__init__(reason)
        self.public = public or reason


def in_one_line(text: str) -> str:
    """Return a message of several lines as one: the last line of a traceback, else all of it."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if any("Traceback" in line for line in lines) else " ".join(lines)
