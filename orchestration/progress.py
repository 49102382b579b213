"""What a person watching sees: our own lines with the time elapsed, not Dagster's."""

import logging
import sys
import time
import unicodedata
from typing import TextIO

# What Dagster logs where something was not made, in an hour without changes; it lists it all.
NOT_MADE = "did not yield or return expected outputs"

_STARTED = time.monotonic()


def elapsed() -> str:
    """Return the time since this process started, as `1:05`."""
    minutes, seconds = divmod(int(time.monotonic() - _STARTED), 60)
    return f"{minutes}:{seconds:02}"


def printable(text: str) -> str:
    """Return `text` without control characters: what comes from data must not drive a terminal."""
    return "".join(sign for sign in text if sign == "\n" or unicodedata.category(sign)[0] != "C")


def console(_context: object) -> logging.Logger:
    """Return a logger that prints what the assets say; errors are left to the caller of the run.

    Dagster's own events and every error are in the UI's event log of the run.
    """
    logger = logging.Logger("pipeline", logging.INFO)
    handler = _Console(sys.stdout)
    handler.setFormatter(_Lines())
    handler.addFilter(_said_by_us)
    logger.addHandler(handler)
    return logger


class _Console(logging.StreamHandler[TextIO]):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Say nothing: nobody reads any more (`make run | head`), and the run goes on."""


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        text = getattr(record, "dagster_meta", {}).get("orig_message") or record.getMessage()
        mark = "warning: " if record.levelno == logging.WARNING else ""
        return f"{elapsed():>6}  {mark}" + str(text).replace("\n", "\n        ")


def _said_by_us(record: logging.LogRecord) -> bool:
    meta = getattr(record, "dagster_meta", {})
    dagsters = meta.get("dagster_event") or NOT_MADE in record.getMessage()
    return record.levelno < logging.ERROR and not dagsters
