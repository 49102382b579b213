"""Loads one stream into one DuckDB table, a batch at a time, each batch in one transaction."""
# ruff: noqa: S608 (names in SQL are quoted, values are parameters)

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

# A row travels as a JSON array of texts. Decimals as text, too: DuckDB reads a JSON number as a double.
encode_row = msgspec.json.Encoder(decimal_format="string").encode
encode_nested = msgspec.json.Encoder(decimal_format="number").encode

# Does the type hold the text {c} exactly? A plain cast would round 1.5 to 2 and cut the time off a date.
# DuckDB also takes `epoch`, `infinity` and years of two digits for a moment, and 1e400 for infinity.
HOLDS = {
    "BIGINT": r"regexp_full_match({c}, '-?\d+(\.0*)?') and try_cast({c} as BIGINT) is not null",
    "DECIMAL(38,9)": r"regexp_full_match({c}, '-?\d{{1,29}}(\.\d{{1,9}}0*)?')",
    "DATE": r"regexp_full_match({c}, '\d{{4}}-\d\d-\d\d') and try_cast({c} as DATE) is not null",
    "TIMESTAMPTZ": r"regexp_matches({c}, '^\d{{4}}') and try_cast({c} as TIMESTAMPTZ) is not null",
    "DOUBLE": "coalesce(isfinite(try_cast({c} as DOUBLE)), false)",
}
# A value as text, in the digits that taps send: 1.0 and 1.500000000 were 1 and 1.5.
AS_TEXT = {
    "DOUBLE": "if(abs({c}) < 1e15 and {c} = trunc({c}), {c}::bigint::varchar, {c}::varchar)",
    "DECIMAL(38,9)": "rtrim(rtrim({c}::varchar, '0'), '.')",
}
GROWING = {"BIGINT", "DECIMAL(38,9)"}  # a number too large or too fine is legal: its column becomes text
TEXTS = {"VARCHAR", "JSON"}
WAITING = '"rows of a batch"'  # the temporary table; no stream's table has spaces in its name


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
        types = {p: column_type(s) for p, s in self.schema["properties"].items()}
        self.properties = types.keys()
        self.known = set(types)
        self.nested = [p for p, t in types.items() if t == "JSON"]
        self.open = [
            p for p, t in types.items() if t == "VARCHAR" and "type" not in self.schema["properties"][p]
        ]
        self.columns = {column_name(p): t for p, t in types.items()}
        self.sent = {c: f"c{n}" for n, c in enumerate(self.columns, 1)}  # by own names: `rowid` is DuckDB's
        self.keys = [column_name(k) for k in self.key_properties]
        self.table = f"{self.config['default_target_schema']}.{table_name(stream_name)}"
        self.sql_schema = quoted(self.config["default_target_schema"])
        self.sql_table = f"{self.sql_schema}.{quoted(table_name(stream_name))}"

    def setup(self) -> None:
        """Make the table fit the schema: create it, add columns, turn columns of another type into text."""
        self._check_names()
        with self.warehouse.transaction() as db:
            db.execute(f"create schema if not exists {self.sql_schema}")
            definitions = ", ".join(f"{quoted(c)} {t}" for c, t in self.columns.items())
            db.execute(f"create table if not exists {self.sql_table} ({definitions})")
            present = {row[0].lower(): row[1] for row in db.execute(f"describe {self.sql_table}").fetchall()}
            for column, wanted in self.columns.items():
                kind = present.get(column, "").replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ")
                if not kind:
                    db.execute(f"alter table {self.sql_table} add column {quoted(column)} {wanted}")
                elif kind != wanted:
                    self._turn_into_text(db, column, kind)

    def _check_names(self) -> None:
        """Refuse what would hide data: two properties in one column, two streams in one table."""
        names = [column_name(p) for p in self.properties]
        if twins := [p for p in self.properties if names.count(column_name(p)) > 1]:
            message = f"Stream {self.stream_name}: {twins} would share a column. Rename or deselect one."
            raise LoadError(message)
        if lost := set(self.keys) - set(names):
            message = f"Stream {self.stream_name}: its key {sorted(lost)} is not in its schema."
            raise LoadError(message)
        owner = self.target.tables.setdefault(self.table, self.stream_name)
        if owner != self.stream_name:
            message = f"Streams {owner} and {self.stream_name} would share {self.table}. Rename one."
            raise LoadError(message)

    def _turn_into_text(self, db: duckdb.DuckDBPyConnection, column: str, kind: str) -> None:
        """Make the column, `kind` so far, VARCHAR, which holds the values of every type exactly."""
        self.columns[column] = "VARCHAR"
        if kind != "VARCHAR":
            self.logger.warning("%s: column %s was %s, is text from now on", self.table, column, kind)
            text = AS_TEXT.get(kind, "{c}::varchar").format(c=quoted(column))
            db.execute(f"alter table {self.sql_table} alter {quoted(column)} type VARCHAR using {text}")

    def start_batch(self, context: dict[str, Any]) -> None:
        """Begin an empty batch."""
        context["rows"] = []

    def _validate_and_parse(self, record: dict[str, Any]) -> dict[str, Any]:
        """Validate if `validate_records` is on. The SDK's slow parsing of dates is left to DuckDB."""
        if self._validator is not None:
            try:
                self._validator.validate(record)
            except InvalidRecord as error:  # its text quotes the record
                where = getattr(error.__cause__, "json_path", "$")
                message = f"Stream {self.stream_name}: a record breaks its schema at {where}."
                raise LoadError(message) from error
        return record

    def process_record(self, record: dict[str, Any], context: dict[str, Any]) -> None:
        """Keep the record as a JSON array of its values in the order of the columns."""
        if unknown := record.keys() - self.known:
            self.known |= unknown
            self.logger.warning("%s: not in the schema, so not loaded: %s", self.table, sorted(unknown))
        for name in self.nested:
            if (value := record.get(name)) is not None:
                record[name] = encode_nested(value).decode()
        for name in self.open:
            if isinstance(value := record.get(name), dict | list):
                record[name] = encode_nested(value).decode()
        context["rows"].append(encode_row([*map(record.get, self.properties)]).decode())

    def process_batch(self, context: dict[str, Any]) -> None:
        """Load a batch in one transaction; of several records with the same key the last one stays."""
        started = time.monotonic()
        with self.warehouse.transaction() as db:
            texts = ", ".join(f"r[{n}] as {c}" for n, c in enumerate(self.sent.values(), 1))
            db.execute(
                f"create or replace temp table {WAITING} as select {texts} from "
                "(select from_json(j, '[\"VARCHAR\"]') as r from (select unnest(?::varchar[]) as j))",
                [context["rows"]],
            )
            self._check_values(db)
            values = {c: f"cast(batch.{self.sent[c]} as {t})" for c, t in self.columns.items()}
            if self.keys:
                key = ", ".join(values[k] for k in self.keys)
                same = " and ".join(f"t.{quoted(k)} is not distinct from {values[k]}" for k in self.keys)
                db.execute(
                    f"delete from {WAITING} where rowid not in "
                    f"(select max(rowid) from {WAITING} as batch group by {key})"
                )
                db.execute(f"delete from {self.sql_table} as t using {WAITING} as batch where {same}")
            names = ", ".join(map(quoted, self.columns))
            db.execute(
                f"insert into {self.sql_table} ({names}) select {', '.join(values.values())} "
                f"from {WAITING} as batch"
            )
            db.execute(f"drop table {WAITING}")
        seconds = time.monotonic() - started
        self.logger.info("%s: %d rows in %.1f s", self.table, len(context["rows"]), seconds)

    def _check_values(self, db: duckdb.DuckDBPyConnection) -> None:
        """Refuse a batch with a date that is none; turn a column into text for a number it cannot hold."""
        typed = {c: t for c, t in self.columns.items() if t not in TEXTS}
        if not typed:
            return
        tests = [
            HOLDS.get(t, f"try_cast({{c}} as {t}) is not null").format(c=self.sent[c])
            for c, t in typed.items()
        ]
        failures = ", ".join(
            f"count({self.sent[c]}) filter (not ({t}))" for c, t in zip(typed, tests, strict=True)
        )
        counts = db.execute(f"select {failures} from {WAITING}").fetchall()[0]
        for (column, kind), count in zip(typed.items(), counts, strict=True):
            if count and kind not in GROWING:
                what = f"{column} has values that are no {kind} ({count} in this batch)"
                message = f"Stream {self.stream_name}: {what}. Nothing of the batch was loaded."
                raise LoadError(message)
            if count:
                self._turn_into_text(db, column, kind)

    def activate_version(self, new_version: int) -> None:
        """Delete the rows of older table versions, softly unless `hard_delete` is on."""
        if not self.include_sdc_metadata_properties:
            self.logger.warning("%s: old versions stay, as add_record_metadata is off", self.table)
            return
        self.target.drain_one(self)
        change = (
            f"delete from {self.sql_table} where true"
            if self.config["hard_delete"]
            else f"update {self.sql_table} set _sdc_deleted_at = now() where _sdc_deleted_at is null"
        )
        with self.warehouse.transaction() as db:
            db.execute(f"{change} and _sdc_table_version < ?", [new_version])
