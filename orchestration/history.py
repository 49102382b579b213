"""Dagster's event log on SQLite, with its files kept open: `event_log_storage` of .dagster/dagster.yaml.

A run writes some five hundred events. Dagster makes an engine, opens and closes a file for each of them, and
who is last to close a file folds its log in and waits for the disk: most of a run's time. `synchronous =
normal` is safe with SQLite's write-ahead log: a power failure can lose the latest events, never the database.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event

MOST_KEPT = 8  # a process that lives long sees the file of many a run


class OpenEventLog(SqliteEventLogStorage):
    """The files are those of Dagster's own SQLite storage, in the same folder: each reads the other's."""

    @classmethod
    def config_type(cls) -> dict[str, Any]:
        """Return that it has no settings: where it lies follows from DAGSTER_HOME."""
        return {}

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> Self:
        """Return the log of this DAGSTER_HOME, which whoever reads a dagster.yaml has set."""
        return cls(str(Path(os.environ["DAGSTER_HOME"], "history", "runs")), inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        """Dagster offers no public way to connect otherwise; its version is pinned."""
        with self._db_lock:
            engine = _engine(self.conn_string_for_shard(shard))
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
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
