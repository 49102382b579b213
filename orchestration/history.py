"""Dagster's event log on SQLite, with its files kept open.

A run writes some five hundred events. Dagster makes an engine, opens and closes a file for each of them, and
who is last to close a file folds its log in and waits for the disk: most of a run's time. `synchronous =
normal` is safe with SQLite's write-ahead log: a power failure can lose the latest events, never the database.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from sqlalchemy import Connection, Engine, create_engine, event

MOST_KEPT = 8  # a process that lives long sees the file of many a run


def keep_open() -> None:
    """Have it so in this process. Dagster offers no setting for it; its version is pinned."""
    SqliteEventLogStorage._connect = _connect  # type: ignore[assignment, method-assign]


@contextmanager
def _connect(storage: SqliteEventLogStorage, shard: str) -> Iterator[Connection]:
    with storage._db_lock:
        engine = _engine(storage.conn_string_for_shard(shard))
        if shard not in storage._initialized_dbs:
            storage._initdb(engine)
            storage._initialized_dbs.add(shard)
        with engine.connect() as connection, connection.begin():
            yield connection


@lru_cache(MOST_KEPT)
def _engine(url: str) -> Engine:
    """Return the engine of a file; what falls out of the cache closes its files when it is collected."""
    engine = create_engine(url, connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS})
    event.listen(engine, "connect", _unhurried)
    return engine


def _unhurried(connection: Any, _record: Any) -> None:  # noqa: ANN401 - sqlite3's, through SQLAlchemy
    connection.execute("pragma synchronous = normal")
