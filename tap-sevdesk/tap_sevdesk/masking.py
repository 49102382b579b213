"""Keep the token out of everything that is logged, whoever logs it, and each message of the tap on one line.

Names and ids that the server sends are in messages; with a line break they could pass for lines of the tap.
"""

import logging
import traceback
from typing import Any

_SHORTEST = 8
"""Characters; to mask a shorter text would make the log unreadable, and it is no token."""
_BREAKS = {ord(each): " " for each in "\n\r\v\f\x1b\x1c\x1d\x1e\x85\u2028\u2029"}
_OURS = ("tap-sevdesk", __package__)
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
    if str(record.name).startswith(_OURS):  # Dagster's records have no name
        said = said.translate(_BREAKS)
    if record.exc_info and record.exc_info[1] is not None:
        trace = "".join(traceback.format_exception(*record.exc_info)).rstrip()
        if masked(trace) != trace:
            # into the message: not every formatter looks for a trace that is formatted already
            record.exc_info, said = None, f"{said}\n{masked(trace)}"
    if said != message:
        record.msg, record.args = said, ()
    return record
