"""What Dagster's history says of runs, as far as alerts need it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import dagster as dg
from dagster import DagsterEventType as Event

from orchestration.alerts.incident import ChannelState, Failure, Run
from orchestration.failure import PUBLIC, STAGE, UNFORESEEN
from orchestration.names import FOREGROUND, JOBS, SEVDESK

AS_OF = "data_as_of"  # metadata of the report
NOTICES = "notices"  # metadata of the report: sentences by key
REPORT = dg.AssetKey("report")
MOST = 10_000
PUBLIC_CAUSE = re.compile(r"\S*\bPublicReasonError: (.*)", re.DOTALL)  # as Dagster writes it down
STOPPED = "it was stopped from outside: it took too long, or its process or machine ended."


def initial_state(instance: dg.DagsterInstance, now: float) -> ChannelState:
    """Return what a channel knows at its start: all but what has ended since the latest success."""
    ends = _ends(instance, Event.RUN_SUCCESS, limit=50)
    latest = next((end.storage_id for end in ends if end.event_log_entry.job_name in JOBS), 0)
    report = instance.get_latest_materialization_event(REPORT)
    return ChannelState(latest, watching_since=now, as_of=_as_of(report))


def finished_runs(instance: dg.DagsterInstance, after: int) -> Iterator[Run]:
    """Yield the runs that ended after the place `after` in the log of events, in the order of their ends."""
    ends = _ends(instance, Event.RUN_SUCCESS, after) + _ends(instance, Event.RUN_FAILURE, after)
    for end in sorted(ends, key=lambda end: end.storage_id):
        record = instance.get_run_record_by_id(end.run_id)
        if record:  # else it was deleted from the history since
            yield replace(_run(instance, record), place=end.storage_id, ended=end.timestamp)


def active_runs(instance: dg.DagsterInstance) -> list[Run]:
    """Return the runs that have started and not ended."""
    started = dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])
    return [_run(instance, record) for record in instance.get_run_records(started)]


def _ends(
    instance: dg.DagsterInstance, kind: Event, after: int | None = None, limit: int = MOST
) -> list[dg.EventLogRecord]:
    """Return ends of runs: all after a place, else the newest first."""
    which = dg.RunStatusChangeRecordsFilter(kind, after_storage_id=after)  # type: ignore[arg-type]
    return list(instance.fetch_run_status_changes(which, limit=limit, ascending=after is not None).records)


def _run(instance: dg.DagsterInstance, record: dg.RunRecord) -> Run:
    run = record.dagster_run
    made = _log(instance, run.run_id, Event.ASSET_MATERIALIZATION)
    report = next((entry for entry in made if entry.get_dagster_event().asset_key == REPORT), None)
    retries = _log(instance, run.run_id, Event.STEP_UP_FOR_RETRY)
    return Run(
        run_id=run.run_id,
        job=run.job_name,
        foreground=FOREGROUND in run.tags,
        started=record.start_time or record.create_timestamp.timestamp(),
        as_of=_as_of(report),
        notices=_notices(report),
        retry=_retried(retries[0]) if retries else None,
        failure=_failure(instance, run.run_id) if run.status == dg.DagsterRunStatus.FAILURE else None,
    )


def _log(instance: dg.DagsterInstance, run_id: str, kind: Event) -> list[dg.EventLogEntry]:
    return [record.event_log_entry for record in instance.get_records_for_run(run_id, of_type=kind).records]


def _as_of(report: dg.EventLogEntry | None) -> float | None:
    """Return up to when the data of a report go, in Unix seconds; None if nothing was read completely."""
    value = _metadata(report).get(AS_OF)
    return value.value if isinstance(value, dg.TimestampMetadataValue) else None


def _notices(report: dg.EventLogEntry | None) -> dict[str, str]:
    value = _metadata(report).get(NOTICES)
    return dict(value.value or {}) if isinstance(value, dg.JsonMetadataValue) else {}


def _metadata(report: dg.EventLogEntry | None) -> Mapping[str, dg.MetadataValue]:
    made = report.asset_materialization if report else None
    return made.metadata if made else {}


def _failure(instance: dg.DagsterInstance, run_id: str) -> Failure:
    for entry in _log(instance, run_id, Event.STEP_FAILURE):
        data = entry.get_dagster_event().step_failure_data.user_failure_data
        public = data.metadata.get(PUBLIC) if data else None
        stage = data.metadata.get(STAGE) if data else None
        where = str(stage.value) if stage else entry.step_key or ""
        return Failure(where, str(public.value) if public else UNFORESEEN)
    return Failure("", STOPPED)


def _retried(entry: dg.EventLogEntry) -> Failure:
    error = entry.get_dagster_event().step_retry_data.error
    known = PUBLIC_CAUSE.match(error.cause.message) if error and error.cause else None
    return Failure(SEVDESK, known[1].strip() if known else UNFORESEEN)
