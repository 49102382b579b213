"""What a person watching sees: our own lines with the time elapsed, not Dagster's."""

import logging
import sys
import time

import dagster as dg

_STARTED = time.monotonic()


def elapsed() -> str:
    """Return the time since this process started, as `1:05`."""
    minutes, seconds = divmod(int(time.monotonic() - _STARTED), 60)
    return f"{minutes}:{seconds:02}"


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        meta = getattr(record, "dagster_meta", {})
        text = str(meta.get("orig_message") or record.getMessage())
        mark = "" if record.levelno < logging.WARNING else f"{record.levelname.lower()}: "
        return f"{elapsed():>6}  {mark}" + text.replace("\n", "\n        ")


def _ours(record: logging.LogRecord) -> bool:
    return not getattr(record, "dagster_meta", {}).get("dagster_event")


@dg.logger(description="Only what the pipeline itself says; Dagster's own events are in the UI.")
def console(_context: dg.InitLoggerContext) -> logging.Logger:
    """Return a logger that prints to stdout."""
    logger = logging.Logger("pipeline", logging.INFO)  # one for each run, not shared
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_Lines())
    handler.addFilter(_ours)
    logger.addHandler(handler)
    return logger
