"""Runs in a real Dagster history, at any time and failing as said, and a channel that follows it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import dagster as dg
from dagster._core.test_utils import freeze_time

from orchestration import settings
from orchestration.alerts.channels import Message
from orchestration.alerts.runs import AS_OF, NOTICES
from orchestration.alerts.sensor import send_next
from orchestration.failure import PUBLIC, PublicReasonError
from orchestration.settings import Settings
from tests.helpers.alert_servers import Box

HOUR = 3600.0
REFUSED = "sevDesk refused the API token (401)."
FAILED = "not up to date, an update failed"
RETRY = "an update needs a second attempt"
LATE = "data older than promised"
RECOVERED = "up to date again"
NOTICE = "something to look at"


def usual(**changes: Any) -> Settings:
    found = settings.read({"DAGSTER_URL": "https://dagster.example", "REPORT_LANGUAGE": "en", **changes}, [])
    assert found.max_age.total_seconds() == 3 * HOUR
    return found


@dataclass
class History:
    """A Dagster history with runs in it at any time, and one channel that follows it."""

    instance: dg.DagsterInstance
    send: Callable[[Message], None]
    cursor: str | None = None
    now: float = 1_790_000_000.0
    language: str = "en"

    def at(self, hours: float) -> None:
        """Let it be so many hours after the beginning."""
        self.now = 1_790_000_000.0 + hours * HOUR

    def tick(self) -> str:
        chosen = usual(REPORT_LANGUAGE=self.language)
        self.cursor, said = send_next(self.instance, self.cursor, self.send, chosen, self.now)
        return said

    def settle(self) -> None:
        """Let the channel look until there is no more to say."""
        while self.tick() != "Nothing to send.":
            pass

    def run(
        self,
        read: Exception | None = None,
        *,
        build: Exception | None = None,
        incomplete: Exception | None = None,
        retries: int = 0,
        behind: float | None = 0,
        notices: dict[str, str] | None = None,
        **tags: str,
    ) -> str:
        """Do a run of the job `hourly`, its steps failing as said; its data are of `behind` hours before."""
        left = [retries]

        @dg.multi_asset(name="sevdesk", specs=[dg.AssetSpec(["sevdesk", "extractions"])])
        def sevdesk() -> Iterator[dg.MaterializeResult[None]]:
            if left[0]:
                left[0] -= 1
                raise dg.RetryRequested(max_retries=3) from PublicReasonError("sevDesk answered 503.")
            if read:
                raise read
            yield dg.MaterializeResult(asset_key=["sevdesk", "extractions"])

        @dg.asset(name="models", deps=[["sevdesk", "extractions"]])
        def models() -> None:
            if build:
                raise build

        @dg.asset(name="report", deps=["models"])
        def report() -> Iterator[dg.MaterializeResult[None]]:
            moment = "never" if behind is None else dg.MetadataValue.timestamp(self.now - behind * HOUR)
            said = dg.MetadataValue.json(notices or {})
            yield dg.MaterializeResult(metadata={AS_OF: moment, NOTICES: said})
            if incomplete:
                raise incomplete

        job = dg.define_asset_job("hourly", "*", executor_def=dg.in_process_executor)
        hourly = dg.Definitions([sevdesk, models, report], jobs=[job]).resolve_job_def("hourly")
        with freeze_time(self.now):
            return hourly.execute_in_process(instance=self.instance, raise_on_error=False, tags=tags).run_id


def failure(public: str) -> dg.Failure:
    return dg.Failure(f"{public} Customer Erika Mustermann", metadata={PUBLIC: public}, allow_retries=False)


def titles(box: Box) -> list[str]:
    return [text.split("*")[1].removeprefix("Invoice dashboard: ") for text in box.texts]
