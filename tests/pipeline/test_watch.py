"""A change in sevDesk reaches the page by itself: the real daemon, sensor and pipeline."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import pytest
from sevdesk_sandbox import Sandbox
from tap_sevdesk.watch import WATCHED

from tests.helpers.pipeline_project import Project
from tests.helpers.until import until
from tests.pipeline.conftest import NOON, SEED
from tests.pipeline.test_pipeline import by_hand, in_warehouse, on_the_page

pytestmark = pytest.mark.xdist_group("pipeline")  # its tests share a first run


@contextmanager
def daemon(project: Project, **environment: str) -> Iterator[dg.DagsterInstance]:
    """Have the daemon at work on the project; give Dagster's history of it."""
    home = project.folder / ".dagster"
    process = subprocess.Popen(
        ("dagster-daemon", "run", "--module-name", "orchestration.definitions"),
        cwd=project.folder,
        env={**environment, "DAGSTER_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("DAGSTER_HOME", str(home))
            with dg.DagsterInstance.get() as instance:
                yield instance
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def test_a_change_is_on_the_page_without_anybody_starting_a_run(
    project_run_once: Project,
) -> None:
    project = project_run_once
    with Sandbox(seed=SEED, now=NOON) as sandbox:
        looks = len(sandbox.log) + len(WATCHED)
        never = "0 0 29 2 *"
        given = {"WATCH_SECONDS": "1", "WATCH_MIN_MINUTES": "0", "HOURLY_CRON": never, "NIGHTLY_CRON": never}
        with daemon(project, **project.environment(sandbox, **given)) as instance:
            until(lambda: len(sandbox.log) >= looks, "the first look at sevDesk")
            sandbox.clock.advance(hours=5)
            figures = by_hand(sandbox)
            until(lambda: on_the_page(project, figures[1]), "the new figure on the page")
            until(lambda: all(run.is_finished for run in instance.get_runs()), "the end of the run")
            (watched,) = [run for run in instance.get_runs() if "dagster/sensor_name" in run.tags]
            assert watched.tags["dagster/sensor_name"] == "watch"
            assert watched.status == dg.DagsterRunStatus.SUCCESS
        assert in_warehouse(project) == figures
