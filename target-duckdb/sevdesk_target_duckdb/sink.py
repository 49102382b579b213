"""Loads one stream into one DuckDB table, a batch at a time, each batch in one transaction."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import msgspec.json
from singer_sdk.exceptions import InvalidRecord
from singer_sdk.sinks import BatchSink

from sevdesk_target_duckdb.columns import column_name, column_type, quoted, table_name
from sevdesk_target_duckdb.warehouse import LoadError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from sevdesk_target_duckdb.target import TargetDuckDB

# A row travels as a JSON array of texts. Decimals as text, too: DuckDB would read a JSON number as a double.
encode_row = msgspec.json.Encoder(decimal_format="string").encode
encode_nested = msgspec.json.Encoder(decimal_format="number").encode

# Does the type hold the text {c} exactly? A plain cast would round 1.5 to 2 and cut the time off a date.
HOLDS = {
    "BIGINT": r"regexp_full_match({c}, '-?\d+(\.0*)?') and try_cast({c} as BIGINT) is not null",
    "DECIMAL(38,9)": r"regexp_full_match({c}, '-?\d{{1,29}}(\.\d{{1,9}}0*)?')",
    "DATE": r"regexp_full_match({c}, '\d{{4}}-\d\d-\d\d') and try_cast({c} as DATE) is not null",
}
NUMBERS = {"BIGINT", "DECIMAL(38,9)"}
TEXTS = {"VARCHAR", "JSON"}


class DuckDBSink(BatchSink):
    """One stream's way into its table: upsert by key, append where there is no key."""

    def __init__(
        self,
        target: TargetDuckDB,
        stream_name: str,
        schema: dict[str, Any],
        key_properties: Sequence[str] | None,
    ) -> None:
        super().__init__(target, stream_name, schema, key_properties)
        self.target = target
        self.warehouse = target.warehouse
        wanted = {p: column_type(s) for p, s in self.schema["properties"].items()}
        self.properties = wanted.keys()
        self.nested = [p for p, t in wanted.items() if t == "JSON"]
        self.columns = {column_name(p): t for p, t in wanted.items()}
        self.keys = [column_name(k) for k in self.key_properties]
        self.table = f"{self.config['default_target_schema']}.{table_name(stream_name)}"
        self.sql_table = f"{quoted(self.config['default_target_schema'])}.{quoted(table_name(stream_name))}"

    def setup(self) -> None:
        """Make the table fit the schema: create it, add columns, turn a column of another type into text."""
        self._check_names()
        with self.warehouse.transaction() as db:
            db.execute(f"create schema if not exists {quoted(self.config['default_target_schema'])}")
            definitions = ", ".join(f"{quoted(c)} {t}" for c, t in self.columns.items())
            db.execute(f"create table if not exists {self.sql_table} ({definitions})")
            described = db.execute(f"describe {self.sql_table}").fetchall()
            present = {name: kind for name, kind, *_ in described}
            for column, wanted in self.columns.items():
                kind = present.get(column, "").replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ")
                if not kind:
                    db.execute(f"alter table {self.sql_table} add column {quoted(column)} {wanted}")
                elif kind != wanted:
                    self._turn_into_text(db, column, kind)

    def _check_names(self) -> None:
        """Refuse two properties in one column, and two streams in one table: one would hide the other."""
        names = [column_name(p) for p in self.properties]
        if twins := [p for p in self.properties if names.count(column_name(p)) > 1]:
            raise LoadError(
                f"Stream {self.stream_name}: properties {twins} share a column name. Rename or deselect one."
            )
        owner = self.target.tables.setdefault(self.table, self.stream_name)
        if owner != self.stream_name:
            raise LoadError(
                f"Streams {owner} and {self.stream_name} share the table {self.table}. Rename or deselect one."
            )

    def _turn_into_text(self, db: duckdb.DuckDBPyConnection, column: str, kind: str) -> None:
        """Text holds the values of every type exactly."""
        self.columns[column] = "VARCHAR"
        if kind != "VARCHAR":
            self.logger.warning(
                "%s: column %s, %s so far, becomes VARCHAR to hold new values exactly",
                self.table,
                column,
                kind,
            )
            db.execute(f"alter table {self.sql_table} alter {quoted(column)} type VARCHAR")

    def start_batch(self, context: dict[str, Any]) -> None:
        """Begin an empty batch."""
        context["rows"] = []

    def _validate_and_parse(self, record: dict[str, Any]) -> dict[str, Any]:
        """Validate if `validate_records` is on. DuckDB parses dates, so the SDK's slow parsing is left out."""
        if self._validator is not None:
            try:
                self._validator.validate(record)
            except InvalidRecord as error:  # its text quotes the record
                where = getattr(error.__cause__, "json_path", "$")
                raise LoadError(
                    f"Stream {self.stream_name}: a record breaks its schema at {where}."
                ) from error
        return record

    def process_record(self, record: dict[str, Any], context: dict[str, Any]) -> None:
        """Keep the record as a JSON array of its values in the order of the columns."""
        for name in self.nested:
            if (value := record.get(name)) is not None:
                record[name] = encode_nested(value).decode()
        context["rows"].append(encode_row([*map(record.get, self.properties)]).decode())

    def process_batch(self, context: dict[str, Any]) -> None:
        """Load a batch in one transaction; of several records with the same key the last one stays."""
        started = time.monotonic()
        with self.warehouse.transaction() as db:
            texts = ", ".join(f"r[{n}] as {quoted(c)}" for n, c in enumerate(self.columns, 1))
            db.execute(
                f"create or replace temp table batch as select {texts} from "
                "(select from_json(j, '[\"VARCHAR\"]') as r from (select unnest(?::varchar[]) as j))",
                [context["rows"]],
            )
            self._check_values(db)
            values = {c: f"cast(batch.{quoted(c)} as {t})" for c, t in self.columns.items()}
            if self.keys:
                keys = ", ".join(values[k] for k in self.keys)
                same = " and ".join(f"t.{quoted(k)} is not distinct from {values[k]}" for k in self.keys)
                db.execute(
                    f"delete from batch where rowid not in (select max(rowid) from batch group by {keys})"
                )
                db.execute(f"delete from {self.sql_table} as t using batch where {same}")
            names = ", ".join(map(quoted, self.columns))
            db.execute(
                f"insert into {self.sql_table} ({names}) select {', '.join(values.values())} from batch"
            )
            db.execute("drop table batch")
        self.logger.info(
            "%s: %d rows in %.1f s", self.table, len(context["rows"]), time.monotonic() - started
        )

    def _check_values(self, db: duckdb.DuckDBPyConnection) -> None:
        """Turn number columns too small for this batch into text; refuse a batch with a date that is none."""
        typed = {c: t for c, t in self.columns.items() if t not in TEXTS}
        holds = [
            HOLDS.get(t, f"try_cast({{c}} as {t}) is not null").format(c=quoted(c)) for c, t in typed.items()
        ]
        tests = ", ".join(
            f"bool_and({quoted(c)} is null or {test})" for c, test in zip(typed, holds, strict=True)
        )
        fits = db.execute(f"select {tests or 'true'} from batch").fetchone() or ()
        for column, kind in [c for c, fit in zip(typed.items(), fits) if fit is False]:
            if kind not in NUMBERS:
                raise LoadError(
                    f"Stream {self.stream_name}: a value of {column} is no {kind}. Its batch was not loaded."
                )
            self._turn_into_text(db, column, kind)

    def activate_version(self, new_version: int) -> None:
        """Delete the rows of older table versions, softly unless `hard_delete` is on."""
        if not self.include_sdc_metadata_properties:
            self.logger.warning("%s: rows of old versions stay, as add_record_metadata is off", self.table)
            return
        self.target.drain_one(self)
        old = f"_sdc_table_version < {int(new_version)}"
        with self.warehouse.transaction() as db:
            if self.config["hard_delete"]:
                db.execute(f"delete from {self.sql_table} where {old}")
            else:
                db.execute(
                    f"update {self.sql_table} set _sdc_deleted_at = now() where {old} and _sdc_deleted_at is null"
                )

    def process_batch_files(self, encoding: object, files: Sequence[str]) -> None:
        """Refuse BATCH messages: their records bear no `_sdc_*` values, on which deletes rest."""
        del encoding, files
        raise LoadError(
            f"Stream {self.stream_name}: BATCH messages are not supported. Remove batch_config from the tap."
        )
