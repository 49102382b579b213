"""The command line: errors as sentences, exit codes as shells expect them."""

import logging
import os
import sys
from typing import Any, NoReturn

import click
from singer_sdk.exceptions import ConfigValidationError, SingerSDKError
from singer_sdk.plugin_base import SingerCommand

from tap_sevdesk.errors import TapError


class Command(SingerCommand):
    """The SDK's command, except that no error leaves it as a traceback (unless at DEBUG)."""

    def main(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        """Run the command and end the process with 0, or with 1 after a sentence."""
        try:
            return super().main(*args, **kwargs)
        except ConfigValidationError as error:
            self._report(*error.errors)
        except Exception as error:
            self._report(str(unexpected(error)))
        sys.exit(1)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401
        """Run the command; when the target has stopped reading, say so: click would end in silence."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains as it ends
            self._report("The program that reads the records has stopped; see what it says.")
            ctx.exit(1)

    def _report(self, *sentences: str) -> None:
        for sentence in sentences:
            self.logger.error("%s", sentence)
        self.logger.debug("Where it came from", exc_info=True)


def end_by_signal(number: int, logger: logging.Logger) -> NoReturn:
    """End at once with 128 + the signal's number (BEHAVIOR.md 49); records not yet written stay unwritten.

    An exception would not do: Python drops one that is raised in a destructor, and another error may take
    its place where a lock is given back.
    """
    try:
        logger.warning("Stopped by a signal. The next run reads again what was not finished.")
    finally:
        os._exit(128 + number)


def unexpected(error: Exception) -> TapError:
    """Put an error of any kind into a sentence that shows no data: those of unknown kinds may hold some."""
    if isinstance(error, TapError):
        return error
    if isinstance(error, SingerSDKError):
        return TapError(str(error))
    if isinstance(error, OSError):
        return TapError(f"{error.strerror}: {error.filename}" if error.filename else str(error))
    if isinstance(error, UnicodeDecodeError) or (
        isinstance(error, ValueError) and "JSON" in type(error).__name__
    ):
        return TapError("A file that was given is not JSON in UTF-8.")
    return TapError(
        f"Unexpected {type(error).__name__}. With TAP_SEVDESK_LOGLEVEL=DEBUG the log says where it came from."
    )


def silence_metrics() -> None:
    """Keep the SDK's metrics, JSON for machines, out of a log for people; with a logging setup they stay."""
    if "SINGER_SDK_LOG_CONFIG" not in os.environ:
        metrics = logging.getLogger("singer_sdk.metrics")
        if metrics.getEffectiveLevel() > logging.DEBUG:
            metrics.setLevel(logging.WARNING)
