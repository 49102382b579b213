"""Alerts: what is reported, once each, through the real channels, out of runs in a real Dagster history."""

import os
from typing import Any

import dagster as dg
import pytest
from dagster._core.test_utils import freeze_time

from orchestration.alerts import messages
from orchestration.failure import PublicReasonError
from orchestration.names import FOREGROUND
from orchestration.published import NOT_COPIED
from tests.helpers.alert_history import (
    FAILED,
    LATE,
    NOTICE,
    RECOVERED,
    REFUSED,
    RETRY,
    History,
    failure,
    titles,
    usual,
)
from tests.helpers.alert_servers import Box

WATCHED: dict[str, Any] = {FOREGROUND: "true"}


class TestWhatTheReportSaysBesideTheFigures:
    def test_it_is_reported_once_and_again_when_it_changes_or_comes_back(
        self, history: History, box: Box
    ) -> None:
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
            history.at(hour)
            history.run(notices=notices)
            history.settle()
            counts.append(titles(box).count(NOTICE))
        assert counts == [0, 1, 1, 2, 2, 3]
        assert "One is." in box.texts[0]

    def test_a_run_that_somebody_watches_tells_nothing_and_hides_nothing(
        self, history: History, box: Box
    ) -> None:
        history.settle()
        history.run(notices={"a": "One is."}, **WATCHED)
        history.settle()
        assert titles(box) == []
        history.at(1)
        history.run(notices={"a": "One is."})
        history.settle()
        assert titles(box) == [NOTICE]


class TestWhatIsReported:
    def test_as_long_as_all_goes_well_nothing(self, history: History, box: Box) -> None:
        for hour in range(3):
            history.at(hour)
            history.run()
            history.settle()
        assert box.texts == []

    def test_a_failure_with_its_stage_its_reason_and_since_when_the_dashboard_is_outdated(
        self, history: History, box: Box
    ) -> None:
        history.run()
        history.settle()
        history.at(1)
        run_id = history.run(failure(REFUSED))
        history.settle()
        (text,) = box.texts
        assert text.splitlines() == [
            ":red_circle: *Invoice dashboard: not up to date, an update failed*",
            f"The update started at 21 Sep 2026, 17:13 (Berlin) failed while reading from sevDesk: {REFUSED}",
            "The dashboard still shows data as of 21 Sep 2026, 16:13 (Berlin); it has been outdated since.",
            (
                "The next scheduled update tries again by itself; if the cause lasts, somebody has to fix "
                "it. There is no further message about this cause; one follows as soon as the dashboard is "
                "up to date again."
            ),
            f"For engineers: https://dagster.example/runs/{run_id}",
        ]

    def test_a_report_that_was_made_but_is_incomplete_and_then_a_complete_one(
        self, history: History, box: Box
    ) -> None:
        history.tick()
        for hour in (0, 1):
            history.at(hour)
            history.run(incomplete=failure("The latest read saw 1 fewer invoices than sevDesk counts."))
            history.settle()
        history.at(2)
        history.run()
        history.settle()
        assert titles(box) == ["not complete, an update failed", RECOVERED], "one cause is told once"
        told = box.texts[0].splitlines()
        assert told[1].endswith(
            "writing the report: The latest read saw 1 fewer invoices than sevDesk counts."
        )
        assert told[2] == (
            "The dashboard shows the data as of 21 Sep 2026, 16:13 (Berlin) all the same; "
            "some may be missing."
        )
        assert "complete and shows the data as of 21 Sep 2026, 18:13 (Berlin).\nThere" in box.texts[1]

    def test_a_copy_of_the_warehouse_that_could_not_be_written_beside_a_complete_dashboard(
        self, history: History, box: Box
    ) -> None:
        history.tick()
        history.run(incomplete=failure(NOT_COPIED))
        history.settle()
        assert titles(box) == ["up to date, but the copy of the warehouse is not"]
        assert box.texts[0].splitlines()[1:3] == [
            (
                "The update started at 21 Sep 2026, 16:13 (Berlin) failed while checking and writing the "
                f"report: {NOT_COPIED}"
            ),
            "It is complete and shows the data as of 21 Sep 2026, 16:13 (Berlin).",
        ]

    def test_people_are_led_to_the_dashboard_where_they_can_open_one(self) -> None:
        here, there = usual(), usual(DASHBOARD_URL="https://d.example")
        assert list(messages.late(None, here).links) == ["For engineers"]
        assert messages.late(None, there).links["Dashboard"] == "https://d.example"

    def test_the_end_of_an_outage(self, history: History, box: Box) -> None:
        history.run()
        history.settle()
        history.at(1)
        history.run(failure(REFUSED))
        history.settle()
        history.at(2)
        history.run()
        history.settle()
        assert titles(box) == [FAILED, RECOVERED]
        assert (
            "as of 21 Sep 2026, 18:13 (Berlin). It had stood still since 21 Sep 2026, 16:13 (Berlin).\n"
            in box.texts[1]
        )

    def test_a_second_attempt_once_a_run_however_many_it_takes(self, history: History, box: Box) -> None:
        history.run()
        history.settle()
        history.run(retries=3)
        history.settle()
        assert titles(box) == [RETRY]
        assert "failed while reading from sevDesk: sevDesk answered 503." in box.texts[0]

    def test_a_second_attempt_that_did_not_help_and_then_the_failure(
        self, history: History, box: Box
    ) -> None:
        history.tick()
        history.run(failure("sevDesk answered 503."), retries=3)
        history.settle()
        assert titles(box) == [RETRY, FAILED]

    def test_one_cause_once_in_an_outage_and_a_new_cause_again(self, history: History, box: Box) -> None:
        history.tick()
        history.run(failure(REFUSED))
        history.run(failure(REFUSED), retries=1)
        history.run(build=failure("The figures break 1 rule: totals_agree."))
        history.run(failure(REFUSED))
        history.settle()
        assert titles(box) == [FAILED, FAILED]
        assert "while building and checking the figures: The figures break 1 rule" in box.texts[1]

    def test_one_cause_once_though_its_numbers_change(self, history: History, box: Box) -> None:
        history.tick()
        for lost in ("1,024", "980"):
            history.run(build=failure(f"{lost} of 9,400 published documents are no longer in the lists."))
        for process in (271, 314):
            history.run(build=failure(f"The warehouse file is open in process {process}."))
        history.settle()
        assert titles(box) == [FAILED, FAILED]

    def test_a_cause_that_comes_back_after_recovery(self, history: History, box: Box) -> None:
        history.tick()
        for hour, failed_by in enumerate((failure(REFUSED), None, failure(REFUSED), None)):
            history.at(hour)
            history.run(failed_by)
        history.settle()
        assert titles(box) == [FAILED, RECOVERED, FAILED, RECOVERED]

    def test_old_data_though_no_run_failed_once_an_outage(self, history: History, box: Box) -> None:
        history.run()
        history.settle()
        history.at(3)
        history.settle()
        assert box.texts == []
        for hours in (3.1, 4, 9):
            history.at(hours)
            history.settle()
        assert titles(box) == [LATE]
        assert "never be older than 3 hours" in box.texts[0]
        assert "as of 21 Sep 2026, 16:13 (Berlin); it has been outdated since" in box.texts[0]
        assert box.texts[0].endswith("https://dagster.example/assets/report")
        history.run()
        history.settle()
        assert titles(box) == [LATE, RECOVERED]

    def test_runs_that_succeed_on_data_that_stay_old_are_no_recovery(
        self, history: History, box: Box
    ) -> None:
        history.run()
        history.settle()
        for hours in (1, 2, 3, 4):
            history.at(hours)
            history.run(behind=hours)
            history.settle()
        assert titles(box) == [LATE]

    def test_a_report_that_is_never_made_is_reported_by_the_time_the_watch_began(
        self, history: History, box: Box
    ) -> None:
        history.tick()
        history.at(3.1)
        history.settle()
        assert titles(box) == [LATE]
        assert "The dashboard has no data yet." in box.texts[0]

    def test_data_that_were_never_complete_are_late_once_and_complete_at_last(
        self, history: History, box: Box
    ) -> None:
        for hour in (0, 2, 4, 6):
            history.at(hour)
            history.run(behind=None)
            history.settle()
        assert titles(box) == [LATE]
        history.run()
        history.settle()
        assert titles(box) == [LATE, RECOVERED]

    def test_a_run_that_is_watched_is_not_reported_but_ends_an_outage(
        self, history: History, box: Box
    ) -> None:
        history.tick()
        history.run(failure(REFUSED), **WATCHED)
        history.settle()
        assert box.texts == []
        history.run(failure(REFUSED))
        history.run(**WATCHED)
        history.settle()
        assert titles(box) == [FAILED, RECOVERED]

    def test_a_report_built_of_what_was_read_before_the_failure_ends_nothing(
        self, history: History, box: Box
    ) -> None:
        history.tick()
        history.run(failure(REFUSED))
        history.run(behind=0.5)
        history.settle()
        assert titles(box) == [FAILED]

    def test_an_outage_whose_clock_was_ahead_ends_once_it_is_put_right(
        self, history: History, box: Box
    ) -> None:
        history.tick()
        history.at(2)
        history.run(failure("This machine's clock is 2 hours ahead of sevDesk's."))
        history.settle()
        history.at(1)
        history.run()
        history.settle()
        assert titles(box) == [FAILED, RECOVERED]

    def test_a_run_ended_from_outside(self, history: History, box: Box) -> None:
        history.tick()
        with freeze_time(history.now):
            run = history.instance.create_run_for_job(hourly_of_nothing, status=dg.DagsterRunStatus.STARTED)
            history.instance.report_run_failed(run, "Exceeded maximum runtime of 3300 seconds.")
        history.settle()
        assert titles(box) == [FAILED]
        assert "failed before it could finish: it was stopped from outside" in box.texts[0]

    def test_a_run_that_a_person_terminated_is_not_reported(self, history: History, box: Box) -> None:
        history.tick()
        run = history.instance.create_run_for_job(hourly_of_nothing, status=dg.DagsterRunStatus.STARTED)
        history.instance.report_run_canceled(run)
        history.settle()
        assert box.texts == []


@dg.op
def nothing() -> None:
    """Do nothing."""


@dg.job(name="hourly")
def hourly_of_nothing() -> None:
    """Stand in for a run that never came far."""
    nothing()


class TestWhileItRuns:
    def test_a_second_attempt_is_reported_before_the_run_is_over(self, history: History, box: Box) -> None:
        history.tick()
        told: list[str] = []

        @dg.op(name="sevdesk")
        def sevdesk(context: dg.OpExecutionContext) -> None:
            if context.retry_number == 0:
                raise dg.RetryRequested from PublicReasonError("sevDesk answered 503.")
            history.settle()
            told.extend(titles(box))

        @dg.job(name="hourly", executor_def=dg.in_process_executor)
        def hourly() -> None:
            sevdesk()

        assert hourly.execute_in_process(instance=history.instance).success
        history.settle()
        assert (told, titles(box)) == ([RETRY], [RETRY])


class TestNothingPrivateIsReported:
    def test_neither_the_engineers_reason_nor_an_exceptions_words(self, history: History, box: Box) -> None:
        history.tick()
        history.run(failure("The warehouse did not take the data."))
        history.run(ValueError("Erika Mustermann, RE-1001"))
        history.settle()
        assert titles(box) == [FAILED, FAILED]
        assert "an engineer has to look" in box.texts[1]
        assert "Mustermann" not in "".join(box.texts)

    def test_no_secret_even_if_the_reason_had_one(
        self, history: History, box: Box, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SEVDESK_API_KEY", "0123456789abcdef0123456789abcdef")
        history.tick()
        history.run(failure(f"Cannot read ?token={os.environ['SEVDESK_API_KEY']} from <there> & back."))
        history.settle()
        assert "?token=*** from &lt;there&gt; &amp; back." in box.texts[0]
