"""Deletes from Dagster's history: old runs, old calls of the webhook, checks announced and not made."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import dagster as dg
from dagster._core.instance.utils import RUNLESS_RUN_ID
from dagster._core.storage.dagster_run import FINISHED_STATUSES
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable, SqlEventLogStorageTable
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from sqlalchemy import ColumnElement

from orchestration.webhook import sensor as webhook_events

KEEP = timedelta(days=30)
CHECKS = AssetCheckExecutionsTable.c


def prune(instance: dg.DagsterInstance, keep: timedelta = KEEP) -> int:
    """Delete finished runs last updated longer ago than `keep`, with all their events; return how many.

    The latest success of each job stays however old it is: it says since when the figures are outdated.
    """
    before = datetime.now(UTC) - keep
    records = instance.get_run_records(dg.RunsFilter(statuses=FINISHED_STATUSES, updated_before=before))
    old = {record.dagster_run.run_id: record.dagster_run.job_name for record in records}
    for name in set(old.values()):
        success = dg.RunsFilter(job_name=name, statuses=[dg.DagsterRunStatus.SUCCESS])
        for run in instance.get_runs(success, limit=1):
            old.pop(run.run_id, None)
    for run_id in old:
        _delete(instance, run_id)
    return len(old)


def prune_calls(instance: dg.DagsterInstance, keep: timedelta = KEEP) -> None:
    """Delete calls of the webhook that came longer ago than `keep`; they belong to no run."""
    before = (datetime.now(UTC) - keep).replace(tzinfo=None)  # as Dagster keeps it
    table = SqlEventLogStorageTable
    old = table.delete().where(
        table.c.asset_key == webhook_events.KEY.to_string(), table.c.timestamp < before
    )
    storage = cast(SqlEventLogStorage, instance.event_log_storage)
    with storage.index_connection() as everything:
        everything.execute(old)
    with storage.run_connection(RUNLESS_RUN_ID) as of_no_run:  # with SQLite a file of its own
        of_no_run.execute(old)


def forget_planned(instance: dg.DagsterInstance, run_id: str) -> None:
    """Take back the announcement of the checks that the run `run_id` did not make, as it built nothing.

    Dagster announces every check of a job when a run of it is made, and shows those without a result as
    skipped. Without the announcement they keep what the latest build gave.
    """
    _delete_checks(instance, (CHECKS.run_id == run_id) & (CHECKS.execution_status == "PLANNED"))


def _delete(instance: dg.DagsterInstance, run_id: str) -> None:
    """Delete a run with what Dagster would leave behind: what it printed, its checks, its file."""
    instance.delete_run(run_id)
    instance.compute_log_manager.delete_logs(prefix=[run_id])
    _delete_checks(instance, CHECKS.run_id == run_id)
    storage = instance.event_log_storage
    if isinstance(storage, SqliteEventLogStorage):
        file = Path(storage.path_for_shard(run_id))
        for part in file.parent.glob(f"{file.name}*"):
            part.unlink()


def _delete_checks(instance: dg.DagsterInstance, which: ColumnElement[bool]) -> None:
    with cast(SqlEventLogStorage, instance.event_log_storage).index_connection() as connection:
        connection.execute(AssetCheckExecutionsTable.delete().where(which))
