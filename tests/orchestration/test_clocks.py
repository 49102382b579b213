"""When clocks change: Dagster's own scheduler over the real code location, through the night."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._core.remote_origin import InProcessCodeLocationOrigin
from dagster._core.test_utils import create_test_daemon_workspace_context, freeze_time
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import InProcessWorkspaceLoadTarget
from dagster._scheduler.scheduler import launch_scheduled_runs

BERLIN = ZoneInfo("Europe/Berlin")
CONFIG = {
    "run_coordinator": {"module": "dagster._core.run_coordinator", "class": "QueuedRunCoordinator"},
    "event_log_storage": {"module": "dagster._core.storage.event_log", "class": "InMemoryEventLogStorage"},
}


@pytest.fixture
def scheduler() -> Iterator[WorkspaceProcessContext]:
    place = LoadableTargetOrigin(module_name="orchestration.definitions")
    target = InProcessWorkspaceLoadTarget(InProcessCodeLocationOrigin(place, location_name="orchestration"))
    with (
        dg.instance_for_test(CONFIG) as instance,
        create_test_daemon_workspace_context(target, instance) as context,
    ):
        yield context


def started(scheduler: WorkspaceProcessContext, day: datetime) -> list[str]:
    """Let the scheduler look every half an hour from midnight to five; return what it started, and when."""
    first, last = (day.replace(hour=hour).astimezone(UTC) for hour in (0, 5))
    looks = [first - timedelta(minutes=1)]  # when it begins to watch
    while looks[-1] < last:
        looks.append(first + timedelta(minutes=30 * len(looks) - 30, seconds=5))
    found = []
    for now in looks:
        with freeze_time(now):
            errors = filter(None, launch_scheduled_runs(scheduler, logging.getLogger(), now, {}))
            assert list(errors) == []
        for run in scheduler.instance.get_runs():
            found.append(f"{now.astimezone(BERLIN):%H:%M %Z} {run.job_name}")
            scheduler.instance.delete_run(run.run_id)
    return sorted(found)


def test_in_spring_nothing_is_left_out_but_the_hour_that_there_is_not(
    scheduler: WorkspaceProcessContext,
) -> None:
    assert started(scheduler, datetime(2026, 3, 29, tzinfo=BERLIN)) == [
        "00:00 CET hourly",
        "01:00 CET hourly",
        "03:00 CEST hourly",
        "03:00 CEST nightly",
        "04:00 CEST hourly",
        "04:00 CEST housekeeping",
        "05:00 CEST hourly",
    ]


def test_in_autumn_both_hours_of_one_name_are_done_and_the_nightly_run_comes_once(
    scheduler: WorkspaceProcessContext,
) -> None:
    assert started(scheduler, datetime(2026, 10, 25, tzinfo=BERLIN)) == [
        "00:00 CEST hourly",
        "01:00 CEST hourly",
        "02:00 CEST hourly",
        "02:00 CET hourly",
        "02:30 CET nightly",
        "03:00 CET hourly",
        "04:00 CET hourly",
        "04:00 CET housekeeping",
        "05:00 CET hourly",
    ]
