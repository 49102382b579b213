"""The log files of what runs under us, for engineers."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

MOST_BYTES = 10_000_000


@contextmanager
def log_file(path: Path) -> Iterator[TextIO]:
    """Open `path` to append to; one older file is kept beside it, so that it cannot grow without end."""
    path.parent.mkdir(exist_ok=True)
    if path.exists() and path.stat().st_size > MOST_BYTES:
        path.replace(path.with_suffix(".old.log"))
    with path.open("a", encoding="utf-8", buffering=1) as file:
        yield file
