"""A raw schema in DuckDB as tap and loader leave it, written directly: for tests that need rows only."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
from sevdesk_target_duckdb.columns import column_name, column_type, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SCHEMAS = Path(__file__).parents[2] / "tap-sevdesk" / "tap_sevdesk" / "schemas"
STREAMS = (
    "invoices",
    "invoice_positions",
    "credit_notes",
    "credit_note_positions",
    "contacts",
    "contact_addresses",
    "categories",
    "check_account_transaction_logs",
    "check_account_transactions",
    "orders",
    "vouchers",
    "static_countries",
    "extractions",
)
METADATA = {
    "_sdc_extracted_at": "TIMESTAMPTZ",
    "_sdc_received_at": "TIMESTAMPTZ",
    "_sdc_batched_at": "TIMESTAMPTZ",
    "_sdc_deleted_at": "TIMESTAMPTZ",
    "_sdc_sequence": "BIGINT",
    "_sdc_table_version": "BIGINT",
    "_sdc_sync_started_at": "BIGINT",
}


def create_raw(path: Path) -> None:
    """Make the raw tables, empty, in a new or existing DuckDB file."""
    with duckdb.connect(str(path)) as db:
        db.execute("create schema if not exists raw")
        for stream in STREAMS:
            columns = {
                column_name(name): column_type(kind) for name, kind in _properties(stream).items()
            } | METADATA
            listed = ", ".join(f"{quoted(name)} {kind}" for name, kind in columns.items())
            db.execute(f"create table if not exists raw.{stream} ({listed})")


def write_rates(path: Path, rates: Iterable[tuple[str, str, str]]) -> None:
    """Write `raw.exchange_rates` anew as tap-ecb leaves it: day, currency, units of it for one euro."""
    source = path.parent / "rates.csv"
    source.write_text(
        "day,currency,rate\n" + "".join(f"{','.join(rate)}\n" for rate in rates), encoding="utf-8"
    )
    with duckdb.connect(str(path)) as db:
        db.execute(f"""
            create or replace table raw.exchange_rates as
            select cast(day as date) as rate_date, currency, rate, now() as _sdc_extracted_at
            from read_csv('{source}', header = true, all_varchar = true)
        """)
    source.unlink()


def write_raw(path: Path, stream: str, records: Iterable[Mapping[str, Any]], read_at: str) -> None:
    """Upsert records by id, given as the API sends them, as read at that moment (ISO 8601)."""
    columns = {name: column_name(name) for name in _properties(stream)}
    rows = [
        {columns[name]: _tapped(name, value) for name, value in record.items() if name in columns}
        | {"_sdc_extracted_at": read_at, "_sdc_batched_at": read_at, "_sdc_sequence": position}
        for position, record in enumerate(records)
    ]
    with duckdb.connect(str(path)) as db:
        db.execute("set timezone = 'UTC'")
        types = {row[0]: row[1] for row in db.execute(f"describe raw.{stream}").fetchall()}
        lines = "\n".join(json.dumps(row) for row in rows)
        source = path.parent / f"{path.stem}_{stream}.jsonl"
        source.write_text(lines, encoding="utf-8")
        names = ", ".join(map(quoted, types))
        read = f"select {names} from read_json('{source}', format = 'newline_delimited', columns = {types!r})"
        if rows:
            db.execute(f"delete from raw.{stream} where id in (select id from ({read}))")
            db.execute(f"insert into raw.{stream} ({names}) {read}")
        source.unlink()


def note_extraction(path: Path, stream: str, started_at: str, rows: int = 0, **changes: Any) -> None:
    """Write the audit row of a complete full read; `changes` override its columns."""
    audit: dict[str, Any] = {
        "id": f"{started_at}:{stream}",
        "run_id": started_at,
        "stream": stream,
        "mode": "full",
        "since": None,
        "started_at": started_at,
        "finished_at": started_at,
        "requests": 1,
        "retries": 0,
        "records": rows,
        "distinct_records": rows,
        "total_before": rows,
        "total_after": rows,
        "complete": True,
        "unknown_fields": [],
    }
    write_raw(path, "extractions", [audit | changes], started_at)


@cache
def _properties(stream: str) -> dict[str, Any]:
    properties: dict[str, Any] = json.loads((SCHEMAS / f"{stream}.json").read_text(encoding="utf-8"))[
        "properties"
    ]
    return properties


def _tapped(name: str, value: object) -> object:
    """Shape a value as the tap does: scalars as text, references as objects."""
    if isinstance(value, bool):
        return value if name == "complete" else str(int(value))
    if isinstance(value, (dict, list)) or value is None:
        return value
    return str(value)
