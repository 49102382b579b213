"""Short ways to write Singer messages, load them and read the warehouse file."""

from __future__ import annotations

import io
import json
import subprocess
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import duckdb

from sevdesk_target_duckdb.target import TargetDuckDB

Message: TypeAlias = dict[str, Any]

STRING = {"type": ["string", "null"]}
INTEGER = {"type": ["integer", "null"]}
NUMBER = {"type": ["number", "null"]}
BOOLEAN = {"type": ["boolean", "null"]}
OBJECT = {"type": ["object", "null"]}
ARRAY = {"type": ["array", "null"]}
DATE = {"type": ["string", "null"], "format": "date"}
DATE_TIME = {"type": ["string", "null"], "format": "date-time"}
DECIMAL = {"type": ["string", "null"], "format": "singer.decimal"}


def schema(stream: str = "things", /, key: tuple[str, ...] = ("id",), **properties: Any) -> Message:
    """Describe a stream; its key is the integer `id` by default."""
    properties = {"id": INTEGER, **properties} if key == ("id",) else properties
    described = {"type": "object", "properties": properties}
    return {"type": "SCHEMA", "stream": stream, "schema": described, "key_properties": list(key)}


def record(stream: str = "things", /, version: int | None = None, **values: Any) -> Message:
    """Send a record, read at noon of 30 June 2026, UTC."""
    message: Message = {
        "type": "RECORD",
        "stream": stream,
        "record": values,
        "time_extracted": "2026-06-30T12:00:00+00:00",
    }
    return message if version is None else {**message, "version": version}


def state(value: Any) -> Message:
    """Send a state with one bookmark."""
    return {"type": "STATE", "value": {"bookmark": value}}


def activate(version: int, stream: str = "things") -> Message:
    """Say that a stream now consists of this version's records."""
    return {"type": "ACTIVATE_VERSION", "stream": stream, "version": version}


def lines(*messages: Message | bytes) -> bytes:
    """Write messages as a tap does; bytes go through as they are."""
    return b"\n".join(m if isinstance(m, bytes) else json.dumps(m).encode() for m in messages)


def load_into(path: Path, *messages: Message | bytes, **settings: Any) -> None:
    """Load messages into a file, in this process."""
    target = TargetDuckDB(config={"path": str(path), **settings})
    target.listen(io.BytesIO(lines(*messages)))  # type: ignore[arg-type]


def read(path: Path, sql: str) -> list[tuple[Any, ...]]:
    """Ask the file a question in SQL."""
    with duckdb.connect(path) as db:
        return db.execute(sql).fetchall()


class Load(Protocol):
    """`load_into` the file of the test."""

    def __call__(self, *messages: Message | bytes, **settings: Any) -> None: ...


class Rows(Protocol):
    """`read` from the file of the test."""

    def __call__(self, sql: str) -> list[tuple[Any, ...]]: ...


class Run(Protocol):
    """The installed command, run on messages."""

    def __call__(self, *messages: Message | bytes, **settings: Any) -> subprocess.CompletedProcess[str]: ...
