"""The command line: errors as sentences, exit codes as shells expect them."""

import logging
import os
import sys
from typing import Any

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
            self._tell(*error.errors)
        except BrokenPipeError:
            os.dup2(
                os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
            )  # or Python complains while it ends
            self._tell("The program that reads the records has stopped; see what it says.")
        except (TapError, SingerSDKError) as error:
            self._tell(str(error))
        except OSError as error:
            self._tell(f"{error.strerror or type(error).__name__}: {error.filename or 'standard output'}")
        except ValueError as error:
            self._tell(
                f"A file that was given is not JSON, or not the JSON expected ({type(error).__name__})."
            )
        sys.exit(1)

    def _tell(self, *sentences: str) -> None:
        for sentence in sentences:
            self.logger.error("%s", sentence)
        self.logger.debug("Where it came from", exc_info=True)


def silence_metrics() -> None:
    """Keep the SDK's metrics, JSON for machines, out of a log for people; with a logging setup they stay."""
    if "SINGER_SDK_LOG_CONFIG" not in os.environ:
        metrics = logging.getLogger("singer_sdk.metrics")
        if metrics.getEffectiveLevel() > logging.DEBUG:
            metrics.setLevel(logging.WARNING)
