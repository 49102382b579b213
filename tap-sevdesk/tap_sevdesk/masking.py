"""Keep the token out of everything that is logged, whoever logs it and at whatever level."""

import logging
import traceback
from typing import Any

_SHORTEST = 8
"""Characters; to mask a shorter text would make the log unreadable, and it is no token."""
_secrets: set[str] = set()
_plain_factory = logging.getLogRecordFactory()


def hide(secret: str) -> None:
    """From now on write `***` for this text in every log record of the process."""
    if len(secret) >= _SHORTEST:
        _secrets.add(secret)
        logging.setLogRecordFactory(_masked)


def masked(text: str) -> str:
    """Return the text with `***` for every secret."""
    for secret in _secrets:
        text = text.replace(secret, "***")
    return text


def _masked(*args: Any, **kwargs: Any) -> logging.LogRecord:  # noqa: ANN401
    record = _plain_factory(*args, **kwargs)
    message = record.getMessage()
    said = masked(message)
    if record.exc_info and record.exc_info[1] is not None:
        trace = "".join(traceback.format_exception(*record.exc_info)).rstrip()
        if masked(trace) != trace:
            # into the message: not every formatter looks for a trace that is formatted already
            record.exc_info, said = None, f"{said}\n{masked(trace)}"
    if said != message:
        record.msg, record.args = said, ()
    return record
