"""Alerts: a sensor for each channel that looks at what happened since its last tick, and reports it.

Not Dagster's `run_failure_sensor`: to that one a failure is dealt with though its message could not be sent.
Here a message counts as sent only when the channel took it, one message a tick; a channel that is down fails
its tick, to be seen in the UI, and gets everything once it is back. Nothing is sent from within a run, so
nothing can disturb it. A sensor's first tick sends nothing; a failure without a later success is new then.
"""

from collections.abc import Callable
from functools import partial
from threading import Lock
from time import time

import dagster as dg
from pydantic import TypeAdapter

from orchestration.alerts import incident
from orchestration.alerts.channels import Message, send_mail, send_to_slack
from orchestration.alerts.incident import ChannelState, Due
from orchestration.alerts.runs import active_runs, finished_runs, initial_state
from orchestration.settings import Settings

INTERVAL_SECONDS = 15
CURSOR = TypeAdapter(ChannelState)
"""What a later version has added, and was taken back, it passes over."""


def sensors(settings: Settings) -> list[dg.SensorDefinition]:
    """Return a sensor for each channel that is set up."""
    channels: dict[str, Callable[[Message], object]] = {}
    if settings.slack:
        channels["alerts_by_slack"] = partial(send_to_slack, settings.slack)
    if settings.mail:
        channels["alerts_by_email"] = partial(send_mail, settings.mail)
    return [_sensor(name, send, settings) for name, send in channels.items()]


def _sensor(name: str, send: Callable[[Message], object], settings: Settings) -> dg.SensorDefinition:
    one_at_a_time = Lock()

    def tick(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        with one_at_a_time:  # a daemon that was killed may have left a tick at work
            stored = stored_cursor(context.instance, name)
            cursor, said = send_next(context.instance, stored, send, settings)
            context.instance.daemon_cursor_storage.set_cursor_values({name: cursor})
        return dg.SkipReason(said)

    return dg.SensorDefinition(
        name=name,
        evaluation_fn=tick,
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Reports retries, failures, old data and recovery, one message a tick.",
    )


def stored_cursor(instance: dg.DagsterInstance, name: str) -> str | None:
    """Return what the sensor `name` has sent, as a cursor; None before its first tick.

    It is noted as soon as a message has gone out. A sensor's own cursor is noted by the daemon later: killing
    that one in between had the message sent twice.
    """
    return instance.daemon_cursor_storage.get_cursor_values({name}).get(name)


def send_next(
    instance: dg.DagsterInstance,
    cursor: str | None,
    send: Callable[[Message], object],
    settings: Settings,
    now: float | None = None,
) -> tuple[str, str]:
    """Send the next message if there is one; return the cursor to go on from, and what was done.

    `now` is in Unix seconds. Raises what `send` raises; the cursor is then to stay as it was.
    """
    now = time() if now is None else now
    if cursor is None:
        state, said = initial_state(instance, now), "Watching from now on."
    else:
        message, state = _next(instance, CURSOR.validate_json(cursor), settings, now)
        if message:
            send(message)
        said = f"Sent: {message.title}." if message else "Nothing to send."
    return CURSOR.dump_json(state).decode(), said


def _next(instance: dg.DagsterInstance, state: ChannelState, settings: Settings, now: float) -> Due:
    for run in finished_runs(instance, state.seen):
        message, state = incident.at_end(state, run, settings)
        if message:
            return message, state
    for run in active_runs(instance):
        message, state = incident.at_retry(state, run, settings)
        if message:
            return message, state
    return incident.at(state, now, settings)
