"""Dagster's run history on SQLite, without waiting for the disk at every event.

A run writes some five hundred events. Dagster opens and closes its database files for each of them; who is
last to close a file folds its log in and waits for the disk, 80 ms an event on a plain disk, most of a run's
time. A spare connection, kept open, puts that off to the end. `synchronous = normal` is safe with SQLite's
write-ahead log: a power failure can lose the latest events, never the database.
"""

import sqlite3
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

MOST_KEPT = 8  # a process that lives long sees the file of many a run

_kept_open: dict[str, sqlite3.Connection] = {}


def keep_open() -> None:
    """Have it so for all databases that this process opens from now on."""
    if not event.contains(Engine, "connect", _connected):
        event.listen(Engine, "connect", _connected)


def _connected(connection: Any, _record: Any) -> None:  # noqa: ANN401
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.execute("pragma synchronous = normal")
    path = connection.execute("pragma database_list").fetchone()[2]
    if path and path not in _kept_open:
        _kept_open[path] = spare = sqlite3.connect(path, check_same_thread=False)
        spare.execute("select count(*) from sqlite_master").fetchone()
        if len(_kept_open) > MOST_KEPT:
            _kept_open.pop(next(iter(_kept_open))).close()
