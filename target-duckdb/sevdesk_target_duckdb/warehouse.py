"""The DuckDB file: opening it, transactions, and its errors as sentences that say what to do."""

from __future__ import annotations

import re
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CAUSES = {  # what an error's text contains: what a person reads after the file's name
    r"lock is held in (?P<program>.+?) \(PID (?P<pid>\d+)\)": (
        "is in use by another program ({program}, PID {pid}). Close it there and run again."
    ),
    r"Could not set lock": "is in use by another program. Close it there and run again.",
    r"not a valid DuckDB database": "is not a DuckDB file. Move it away, or set another `path`.",
    r"version number": "is in the format of another DuckDB version. Upgrade duckdb, or set another `path`.",
    r"entries that depend on it": "has an index on a table that must change. Drop it and run again.",
    r"No space left|File too large|[Qq]uota|[Nn]ot enough space": (
        "cannot grow: the disk is full. The open batch was rolled back; free some space and run again."
    ),
    r"Permission denied|not permitted|Read-only|Is a directory|No such file|Not a directory|File exists": (
        "cannot be written: {reason}. Check its folder or permissions, or set another `path`."
    ),
}


class LoadError(Exception):
    """Something a person must fix; its text, without any record's content, is all they see."""


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn errors of DuckDB and of the operating system into a LoadError about the file."""
    try:
        yield
    except (duckdb.Error, OSError) as error:
        text = str(error).strip()
        for pattern, meaning in CAUSES.items():
            if found := re.search(pattern, text):
                message = f"{path} " + meaning.format(reason=found.group(), **found.groupdict())
                raise LoadError(message) from error
        if isinstance(error, (duckdb.DataError, duckdb.IntegrityError)):  # its text quotes values
            text = type(error).__name__
        message = f"{path}: the open batch was rolled back. DuckDB says: {text.splitlines()[0]}"
        raise LoadError(message) from error


class Warehouse:
    """The open file: one connection, used by one thread."""

    def __init__(self, path: Path) -> None:
        path = self.path = path.expanduser().absolute()  # or DuckDB sees more in it: `:memory:`, `md:`
        with explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.is_file() and path.stat().st_size == 0:
                path.unlink()  # left by a run killed while making it; DuckDB takes no empty file
            self.db = duckdb.connect(path)
            self.db.execute("set timezone = 'UTC'")  # a date-time without offset means UTC
            # By default every batch is folded into the file at once: a quarter of the time of a load.
            self.db.execute("set checkpoint_threshold = '128MB'")

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """All statements inside, durably on disk when this ends, or none of them."""
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
