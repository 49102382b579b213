"""What a person watching sees: our own lines with the time elapsed, not Dagster's."""

import logging
import time
import unicodedata
from contextlib import suppress

# What Dagster logs where something was not made, in an hour without changes; it lists it all.
NOT_MADE = "did not yield or return expected outputs"

_STARTED = time.monotonic()


def printable(text: str) -> str:
    """Return `text` without control characters: what comes from data must not drive a terminal."""
    return "".join(sign for sign in text if sign == "\n" or unicodedata.category(sign)[0] != "C")


def say(text: str) -> None:
    """Print `text` at once. Where nobody reads any more (`make run | head`), the run goes on."""
    with suppress(OSError):
        print(text, flush=True)


def console(_context: object) -> logging.Logger:
    """Return a logger that prints what the assets say; errors are left to the caller of the run.

    Dagster's own events and every error are in the UI's event log of the run.
    """
    logger = logging.Logger("pipeline", logging.INFO)
    logger.addHandler(_Console())
    return logger


class _Console(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        meta, said = getattr(record, "dagster_meta", {}), record.getMessage()
        if record.levelno >= logging.ERROR or meta.get("dagster_event") or NOT_MADE in said:
            return
        minutes, seconds = divmod(int(time.monotonic() - _STARTED), 60)
        mark = "warning: " if record.levelno == logging.WARNING else ""
        text = str(meta.get("orig_message") or said).replace("\n", "\n        ")
        say(f"{f'{minutes}:{seconds:02}':>6}  {mark}{text}")
