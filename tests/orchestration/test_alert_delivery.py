"""Alerts: whatever happens to a channel, a tick or the history, each message goes out once."""

import dagster as dg
import pytest

from orchestration.alerts import sensor as alerts
from orchestration.alerts.channels import UnsentError
from orchestration.alerts.settings import Slack
from tests.helpers.alert_history import FAILED, LATE, RECOVERED, REFUSED, History, failure, titles, usual
from tests.helpers.alert_servers import Box


class TestNothingIsLost:
    def test_a_channel_that_was_down_gets_everything_once_and_in_order(
        self, history: History, box: Box
    ) -> None:
        history.tick()
        box.status = 500
        for hours, failed_by in ((0, failure(REFUSED)), (1, None), (5, failure(REFUSED)), (6, None)):
            history.at(hours)
            history.run(failed_by)
            with pytest.raises(UnsentError):
                history.settle()
        assert box.texts == []
        box.status = 200
        history.settle()
        assert titles(box) == [FAILED, RECOVERED, FAILED, LATE, RECOVERED]

    def test_what_failed_before_the_first_tick_counts_as_new(self, history: History, box: Box) -> None:
        history.run()
        history.run(failure(REFUSED))
        history.settle()
        assert titles(box) == [FAILED]

    def test_so_does_each_cause_since_the_latest_success(self, history: History, box: Box) -> None:
        history.run()
        for read in (failure(REFUSED), failure("Nothing was read."), failure(REFUSED)):
            history.run(read)
        history.settle()
        assert titles(box) == [FAILED, FAILED]

    def test_what_was_followed_by_a_success_before_the_first_tick_does_not(
        self, history: History, box: Box
    ) -> None:
        history.run(failure(REFUSED))
        history.run()
        history.settle()
        assert box.texts == []

    def test_runs_deleted_from_the_history_do_not_stop_it(self, history: History, box: Box) -> None:
        history.tick()
        history.instance.delete_run(history.run(failure(REFUSED)))
        history.run(failure(REFUSED))
        history.settle()
        assert titles(box) == [FAILED]


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

    def test_a_tick_that_could_not_tell_is_done_again(
        self, history: History, slack: tuple[Slack, Box]
    ) -> None:
        (sensor,) = alerts.sensors(usual(SLACK_WEBHOOK_URL=slack[0].url))
        history.run(failure(REFUSED))
        context = dg.build_sensor_context(history.instance)
        sensor(context)
        slack[1].status = 503
        with pytest.raises(UnsentError):
            sensor(context)
        slack[1].status = 200
        sensor(context)
        assert titles(slack[1]) == [FAILED]

    def test_a_tick_whose_end_nobody_saw_is_not_done_again(
        self, history: History, slack: tuple[Slack, Box]
    ) -> None:
        (sensor,) = alerts.sensors(usual(SLACK_WEBHOOK_URL=slack[0].url))
        history.run(failure(REFUSED))
        for _ in range(3):
            sensor(dg.build_sensor_context(history.instance))  # by a daemon that knows nothing of the others
        assert titles(slack[1]) == [FAILED]
