"""Checks that a run announced and did not make, as it built nothing: they keep what the latest build gave.

Dagster announces every check of a job when a run of it is made, and shows those without a result as skipped.
"""

import dagster as dg
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage

PLANNED = "PLANNED"


def forget_planned(instance: dg.DagsterInstance, run_id: str) -> None:
    """Take back the announcement of the checks that the run `run_id` did not make."""
    storage = instance.event_log_storage
    if not isinstance(storage, SqlEventLogStorage):
        return
    table = AssetCheckExecutionsTable
    of_run = (table.c.run_id == run_id) & (table.c.execution_status == PLANNED)
    with storage.index_connection() as connection:
        connection.execute(table.delete().where(of_run))
