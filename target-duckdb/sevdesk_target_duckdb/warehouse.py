"""The DuckDB file: opening it, transactions, and its troubles in sentences that say what to do."""

from __future__ import annotations

import re
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CAUSES = {  # what DuckDB's message contains: what a person reads after the file's name
    r"Conflicting lock is held in (?P<program>.+?) \(PID (?P<pid>\d+)\)": (
        "is in use by another program ({program}, PID {pid}). Close it there and run again."
    ),
    r"Could not set lock": "is in use by another program. Close it there and run again.",
    r"not a valid DuckDB database": "is not a DuckDB database. Set `path` to another file, or move this one away.",
    r"version number": "needs another DuckDB version. Upgrade the duckdb package, or set another `path`.",
    r"No space left|File too large|[Qq]uota|[Nn]ot enough space": (
        "cannot grow, the disk is full. The open batch was rolled back; free some space and run again."
    ),
    r"Permission denied|Read-only|Is a directory|No such file|Not a directory|File exists": (
        "cannot be written: {reason}. Mend the folder or its permissions, or set another `path`."
    ),
}


class LoadError(Exception):
    """Something a person must mend. Its text is all they see: one sentence or two, no record's content."""


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn errors of DuckDB and of the operating system about the file into a LoadError."""
    try:
        yield
    except (duckdb.Error, OSError) as error:
        for pattern, meaning in CAUSES.items():
            if found := re.search(pattern, str(error)):
                raise LoadError(
                    f"{path} " + meaning.format(reason=found.group(), **found.groupdict())
                ) from error
        # The text of a data error quotes the value.
        what = (
            type(error).__name__
            if isinstance(error, duckdb.DataError)
            else str(error).strip().splitlines()[0]
        )
        raise LoadError(f"{path}: the open batch was rolled back. DuckDB says: {what}") from error


class Warehouse:
    """The open file; one connection, used by one thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_file() and path.stat().st_size == 0:
                path.unlink()  # left by a run killed while making it; DuckDB takes no empty file
            self.db = duckdb.connect(path)
            self.db.execute("set timezone = 'UTC'")  # a date-time without offset means UTC

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """All statements inside, durably on disk when this returns, or none of them."""
        with explained(self.path):
            self.db.begin()
            try:
                yield self.db
            except BaseException:
                with suppress(duckdb.Error):
                    self.db.rollback()
                raise
            self.db.commit()

    def close(self) -> None:
        """Fold the write-ahead log into the file and give up the lock."""
        with explained(self.path):
            self.db.close()
