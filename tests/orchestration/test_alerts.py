"""Alerts: what is told, once each, through the real channels, out of runs in a real Dagster history."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import dagster as dg
import pytest
from dagster._core.test_utils import freeze_time

from orchestration import settings
from orchestration.alerts import messages
from orchestration.alerts import sensor as alerts
from orchestration.alerts.channels import Message, UnsentError, send_to_slack
from orchestration.alerts.sensor import PUBLIC, PublicReasonError, tell
from orchestration.progress import FOREGROUND
from orchestration.settings import Settings, Slack
from tests.helpers.alert_servers import Box

HOUR = 3600.0
WATCHED: dict[str, Any] = {FOREGROUND: "true"}
REFUSED = "sevDesk refused the API token (401)."


def usual(**changes: Any) -> Settings:
    found = settings.read({"DAGSTER_URL": "https://dagster.example", **changes}, [])
    assert found.max_age.total_seconds() == 3 * HOUR
    return found


@dataclass
class World:
    """A Dagster history with runs in it at any time, and one channel that follows it."""

    instance: dg.DagsterInstance
    send: Callable[[Message], None]
    cursor: str | None = None
    now: float = 1_790_000_000.0

    def at(self, hours: float) -> None:
        """Let it be so many hours after the beginning."""
        self.now = 1_790_000_000.0 + hours * HOUR

    def tick(self) -> str:
        self.cursor, said = tell(self.instance, self.cursor, self.send, usual(), self.now)
        return said

    def settle(self) -> None:
        """Let the channel look until there is no more to say."""
        while self.tick() != "Nothing to tell.":
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
            yield dg.MaterializeResult(metadata={alerts.AS_OF: moment, alerts.NOTICES: said})
            if incomplete:
                raise incomplete

        job = dg.define_asset_job("hourly", "*", executor_def=dg.in_process_executor)
        hourly = dg.Definitions([sevdesk, models, report], jobs=[job]).resolve_job_def("hourly")
        with freeze_time(self.now):
            return hourly.execute_in_process(instance=self.instance, raise_on_error=False, tags=tags).run_id


@pytest.fixture
def world(slack: tuple[Slack, Box]) -> Iterator[World]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield World(instance, partial(send_to_slack, slack[0]))


@pytest.fixture
def box(slack: tuple[Slack, Box]) -> Box:
    return slack[1]


def failure(public: str) -> dg.Failure:
    return dg.Failure(f"{public} Customer Erika Mustermann", metadata={PUBLIC: public}, allow_retries=False)


def titles(box: Box) -> list[str]:
    return [text.split("*")[1].removeprefix("Invoice dashboard: ") for text in box.texts]


FAILED = "not up to date, an update failed"
RETRY = "an update needs a second attempt"
LATE = "data older than promised"
RECOVERED = "up to date again"


NOTICE = "something to look at"


class TestWhatTheReportSaysBesideTheFigures:
    def test_it_is_told_once_and_again_when_it_changes_or_comes_back(self, world: World, box: Box) -> None:
        story: list[dict[str, str]] = [
            {},
            {"a": "One is."},
            {"a": "One is."},
            {"b": "Two are."},
            {},
            {"b": "Two are."},
        ]
        counts = []
        for hour, notices in enumerate(story):
            world.at(hour)
            world.run(notices=notices)
            world.settle()
            counts.append(titles(box).count(NOTICE))
        assert counts == [0, 1, 1, 2, 2, 3]
        assert "One is." in box.texts[0]

    def test_a_run_that_somebody_watches_tells_nothing_and_hides_nothing(
        self, world: World, box: Box
    ) -> None:
        world.settle()
        world.run(notices={"a": "One is."}, **WATCHED)
        world.settle()
        assert titles(box) == []
        world.at(1)
        world.run(notices={"a": "One is."})
        world.settle()
        assert titles(box) == [NOTICE]


class TestWhatIsTold:
    def test_as_long_as_all_goes_well_nothing(self, world: World, box: Box) -> None:
        for hour in range(3):
            world.at(hour)
            world.run()
            world.settle()
        assert box.texts == []

    def test_a_failure_with_its_stage_its_reason_and_since_when_the_dashboard_is_outdated(
        self, world: World, box: Box
    ) -> None:
        world.run()
        world.settle()
        world.at(1)
        run_id = world.run(failure(REFUSED))
        world.settle()
        (text,) = box.texts
        assert text.splitlines() == [
            ":red_circle: *Invoice dashboard: not up to date, an update failed*",
            f"The update started at 21.09.2026, 17:13 (Berlin) failed while reading from sevDesk: {REFUSED}",
            "The dashboard still shows data as of 21.09.2026, 16:13 (Berlin); it has been outdated since.",
            messages.PATIENCE,
            f"For engineers: https://dagster.example/runs/{run_id}",
        ]

    def test_a_report_that_was_made_but_is_incomplete_and_then_a_complete_one(
        self, world: World, box: Box
    ) -> None:
        world.tick()
        for hour in (0, 1):
            world.at(hour)
            world.run(incomplete=failure("The latest read saw 1 fewer invoices than sevDesk counts."))
            world.settle()
        world.at(2)
        world.run()
        world.settle()
        assert titles(box) == ["not complete, an update failed", RECOVERED], "one cause is told once"
        told = box.texts[0].splitlines()
        assert told[1].endswith(
            "writing the report: The latest read saw 1 fewer invoices than sevDesk counts."
        )
        assert told[2] == (
            "The dashboard shows the data as of 21.09.2026, 16:13 (Berlin) all the same; some may be missing."
        )
        assert "complete and shows the data as of 21.09.2026, 18:13 (Berlin).\nThere" in box.texts[1]

    def test_the_end_of_an_outage(self, world: World, box: Box) -> None:
        world.run()
        world.settle()
        world.at(1)
        world.run(failure(REFUSED))
        world.settle()
        world.at(2)
        world.run()
        world.settle()
        assert titles(box) == [FAILED, RECOVERED]
        assert (
            "as of 21.09.2026, 18:13 (Berlin). It had stood still since 21.09.2026, 16:13 (Berlin).\n"
            in box.texts[1]
        )

    def test_a_second_attempt_once_a_run_however_many_it_takes(self, world: World, box: Box) -> None:
        world.run()
        world.settle()
        world.run(retries=3)
        world.settle()
        assert titles(box) == [RETRY]
        assert "failed while reading from sevDesk: sevDesk answered 503." in box.texts[0]

    def test_a_second_attempt_that_did_not_help_and_then_the_failure(self, world: World, box: Box) -> None:
        world.tick()
        world.run(failure("sevDesk answered 503."), retries=3)
        world.settle()
        assert titles(box) == [RETRY, FAILED]

    def test_one_cause_once_in_an_outage_and_a_new_cause_again(self, world: World, box: Box) -> None:
        world.tick()
        world.run(failure(REFUSED))
        world.run(failure(REFUSED), retries=1)
        world.run(build=failure("The figures break 1 rule: totals_agree."))
        world.run(failure(REFUSED))
        world.settle()
        assert titles(box) == [FAILED, FAILED]
        assert "while building and checking the figures: The figures break 1 rule" in box.texts[1]

    def test_a_cause_that_comes_back_after_recovery(self, world: World, box: Box) -> None:
        world.tick()
        for hour, trouble in enumerate((failure(REFUSED), None, failure(REFUSED), None)):
            world.at(hour)
            world.run(trouble)
        world.settle()
        assert titles(box) == [FAILED, RECOVERED, FAILED, RECOVERED]

    def test_old_data_though_no_run_failed_once_an_outage(self, world: World, box: Box) -> None:
        world.run()
        world.settle()
        world.at(3)
        world.settle()
        assert box.texts == []
        for hours in (3.1, 4, 9):
            world.at(hours)
            world.settle()
        assert titles(box) == [LATE]
        assert "never be older than 3 hours" in box.texts[0]
        assert "as of 21.09.2026, 16:13 (Berlin); it has been outdated since" in box.texts[0]
        assert box.texts[0].endswith("https://dagster.example/assets/report")
        world.run()
        world.settle()
        assert titles(box) == [LATE, RECOVERED]

    def test_runs_that_succeed_on_data_that_stay_old_are_no_recovery(self, world: World, box: Box) -> None:
        world.run()
        world.settle()
        for hours in (1, 2, 3, 4):
            world.at(hours)
            world.run(behind=hours)
            world.settle()
        assert titles(box) == [LATE]

    def test_a_report_that_is_never_made_is_told_by_the_time_the_watch_began(
        self, world: World, box: Box
    ) -> None:
        world.tick()
        world.at(3.1)
        world.settle()
        assert titles(box) == [LATE]
        assert "The dashboard has no data yet." in box.texts[0]

    def test_data_that_were_never_complete_are_late_once_and_complete_at_last(
        self, world: World, box: Box
    ) -> None:
        for hour in (0, 2, 4, 6):
            world.at(hour)
            world.run(behind=None)
            world.settle()
        assert titles(box) == [LATE]
        world.run()
        world.settle()
        assert titles(box) == [LATE, RECOVERED]

    def test_a_run_that_is_watched_is_not_told_but_ends_an_outage(self, world: World, box: Box) -> None:
        world.tick()
        world.run(failure(REFUSED), **WATCHED)
        world.settle()
        assert box.texts == []
        world.run(failure(REFUSED))
        world.run(**WATCHED)
        world.settle()
        assert titles(box) == [FAILED, RECOVERED]

    def test_a_report_built_of_what_was_read_before_the_failure_ends_nothing(
        self, world: World, box: Box
    ) -> None:
        world.tick()
        world.run(failure(REFUSED))
        world.run(behind=0.5)
        world.settle()
        assert titles(box) == [FAILED]

    def test_a_run_ended_from_outside(self, world: World, box: Box) -> None:
        world.tick()
        with freeze_time(world.now):
            run = world.instance.create_run_for_job(hourly_of_nothing, status=dg.DagsterRunStatus.STARTED)
            world.instance.report_run_failed(run, "Exceeded maximum runtime of 3300 seconds.")
        world.settle()
        assert titles(box) == [FAILED]
        assert "failed before it could finish: it was stopped from outside" in box.texts[0]

    def test_a_run_that_a_person_terminated_is_not_told(self, world: World, box: Box) -> None:
        world.tick()
        run = world.instance.create_run_for_job(hourly_of_nothing, status=dg.DagsterRunStatus.STARTED)
        world.instance.report_run_canceled(run)
        world.settle()
        assert box.texts == []


@dg.op
def nothing() -> None:
    """Do nothing."""


@dg.job(name="hourly")
def hourly_of_nothing() -> None:
    """Stand in for a run that never came far."""
    nothing()


class TestWhileItRuns:
    def test_a_second_attempt_is_told_before_the_run_is_over(self, world: World, box: Box) -> None:
        world.tick()
        told: list[str] = []

        @dg.op(name="sevdesk")
        def sevdesk(context: dg.OpExecutionContext) -> None:
            if context.retry_number == 0:
                raise dg.RetryRequested from PublicReasonError("sevDesk answered 503.")
            world.settle()
            told.extend(titles(box))

        @dg.job(name="hourly", executor_def=dg.in_process_executor)
        def hourly() -> None:
            sevdesk()

        assert hourly.execute_in_process(instance=world.instance).success
        world.settle()
        assert (told, titles(box)) == ([RETRY], [RETRY])


class TestNothingIsLost:
    def test_a_channel_that_was_down_gets_everything_once_and_in_order(self, world: World, box: Box) -> None:
        world.tick()
        box.status = 500
        for hours, trouble in ((0, failure(REFUSED)), (1, None), (5, failure(REFUSED)), (6, None)):
            world.at(hours)
            world.run(trouble)
            with pytest.raises(UnsentError):
                world.settle()
        assert box.texts == []
        box.status = 200
        world.settle()
        assert titles(box) == [FAILED, RECOVERED, FAILED, LATE, RECOVERED]

    def test_what_failed_before_the_first_tick_counts_as_new(self, world: World, box: Box) -> None:
        world.run()
        world.run(failure(REFUSED))
        world.settle()
        assert titles(box) == [FAILED]

    def test_what_was_mended_before_the_first_tick_does_not(self, world: World, box: Box) -> None:
        world.run(failure(REFUSED))
        world.run()
        world.settle()
        assert box.texts == []

    def test_runs_deleted_from_the_history_do_not_stop_it(self, world: World, box: Box) -> None:
        world.tick()
        world.instance.delete_run(world.run(failure(REFUSED)))
        world.run(failure(REFUSED))
        world.settle()
        assert titles(box) == [FAILED]


class TestNothingPrivateIsTold:
    def test_neither_the_engineers_reason_nor_an_exceptions_words(self, world: World, box: Box) -> None:
        world.tick()
        world.run(failure("The warehouse did not take the data."))
        world.run(ValueError("Erika Mustermann, RE-1001"))
        world.settle()
        assert titles(box) == [FAILED, FAILED]
        assert "an engineer has to look" in box.texts[1]
        assert "Mustermann" not in "".join(box.texts)

    def test_no_secret_even_if_the_reason_had_one(
        self, world: World, box: Box, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SEVDESK_API_KEY", "0123456789abcdef0123456789abcdef")
        world.tick()
        world.run(failure(f"Cannot read ?token={os.environ['SEVDESK_API_KEY']} from <there> & back."))
        world.settle()
        assert "?token=*** from &lt;there&gt; &amp; back." in box.texts[0]


class TestSensors:
    def test_there_is_one_for_each_channel_that_is_set_up(self) -> None:
        assert alerts.sensors(usual()) == []
        environment = {
            "SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T0/B0/x",
            "ALERT_EMAIL_TO": "a@example.com",
            "ALERT_EMAIL_FROM": "b@example.com",
            "SMTP_HOST": "mail.example.com",
        }
        found = alerts.sensors(usual(**environment))
        assert [sensor.name for sensor in found] == ["alerts_by_slack", "alerts_by_email"]
        assert all(sensor.default_status == dg.DefaultSensorStatus.RUNNING for sensor in found)

    def test_a_tick_that_could_not_tell_is_done_again(self, world: World, slack: tuple[Slack, Box]) -> None:
        (sensor,) = alerts.sensors(usual(SLACK_WEBHOOK_URL=slack[0].url))
        world.run(failure(REFUSED))
        context = dg.build_sensor_context(world.instance)
        sensor(context)
        slack[1].status = 503
        with pytest.raises(UnsentError):
            sensor(context)
        slack[1].status = 200
        sensor(context)
        assert titles(slack[1]) == [FAILED]

    def test_a_tick_whose_end_nobody_saw_is_not_done_again(
        self, world: World, slack: tuple[Slack, Box]
    ) -> None:
        (sensor,) = alerts.sensors(usual(SLACK_WEBHOOK_URL=slack[0].url))
        world.run(failure(REFUSED))
        for _ in range(3):
            sensor(dg.build_sensor_context(world.instance))  # by a daemon that knows nothing of the others
        assert titles(slack[1]) == [FAILED]
