"""A run whose process was killed is marked as failed, and no other."""

import os
import subprocess
import sys
from collections.abc import Iterator

import dagster as dg
import pytest

from orchestration import lost_runs
from orchestration.lost_runs import LOST, identity, is_alive, mark_as_failed
from orchestration.names import PROCESS


@dg.job
def hourly() -> None:
    """Do nothing."""


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.instance_for_test() as instance:
        yield instance


def at_work(
    instance: dg.DagsterInstance,
    tags: dict[str, str],
    status: dg.DagsterRunStatus = dg.DagsterRunStatus.STARTED,
) -> str:
    run = instance.create_run_for_job(hourly, status=status, tags=tags)
    return run.run_id


def killed() -> str:
    """Return the identity of a process that is gone."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        found = identity(process.pid)
        process.kill()
    return found


def status(instance: dg.DagsterInstance, run_id: str) -> dg.DagsterRunStatus:
    run = instance.get_run_by_id(run_id)
    assert run
    return run.status


@pytest.mark.parametrize("as_far_as", [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED])
def test_a_run_of_a_killed_process_is_marked_as_failed(
    instance: dg.DagsterInstance, as_far_as: dg.DagsterRunStatus
) -> None:
    run_id = at_work(instance, {PROCESS: killed()}, as_far_as)
    assert mark_as_failed(instance) == 1
    assert status(instance, run_id) == dg.DagsterRunStatus.FAILURE
    said = [str(record.event_log_entry) for record in instance.get_records_for_run(run_id).records]
    assert any(LOST in text for text in said)


def test_a_run_at_work_goes_on(instance: dg.DagsterInstance) -> None:
    run_id = at_work(instance, lost_runs.this_process())
    assert mark_as_failed(instance) == 0
    assert status(instance, run_id) == dg.DagsterRunStatus.STARTED


def test_a_run_that_has_not_said_which_process_it_is_goes_on(instance: dg.DagsterInstance) -> None:
    run_id = at_work(instance, {})
    assert mark_as_failed(instance) == 0
    assert status(instance, run_id) == dg.DagsterRunStatus.STARTED


def test_a_run_that_repeats_a_killed_one_goes_on(instance: dg.DagsterInstance) -> None:
    """Dagster's interface gives it the tags of that one, before it has a process of its own."""
    tags = {PROCESS: killed()}
    first = at_work(instance, tags)
    run_id = instance.create_run_for_job(
        hourly, status=dg.DagsterRunStatus.STARTING, tags=tags, parent_run_id=first, root_run_id=first
    ).run_id
    assert mark_as_failed(instance) == 1
    assert status(instance, run_id) == dg.DagsterRunStatus.STARTING


@pytest.mark.skipif(sys.platform != "linux", reason="only /proc says when a process began")
def test_a_later_process_with_the_same_number_is_another() -> None:
    pid, began = identity(os.getpid()).split()
    assert is_alive(f"{pid} {began}")
    assert not is_alive(f"{pid} {int(began) - 1}")
