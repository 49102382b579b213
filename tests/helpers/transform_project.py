"""The dbt project run on a DuckDB file of a test's own, and figures read back from it."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from dbt.cli.main import dbtRunner

from orchestration.dbt.events import SOME_FAILED
from orchestration.dbt.run import FAILED, release
from tests.helpers.books_by_hand import rates
from tests.helpers.raw_warehouse import create_raw, note_extraction, write_rates, write_raw

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sevdesk_sandbox import Sandbox

DBT = Path(sys.executable).with_name("dbt")
TRANSFORM = Path(__file__).parents[2] / "transform"
STREAMS = {
    "invoices": "Invoice",
    "invoice_positions": "InvoicePos",
    "credit_notes": "CreditNote",
    "credit_note_positions": "CreditNotePos",
    "contacts": "Contact",
    "contact_addresses": "ContactAddress",
    "categories": "Category",
    "check_account_transactions": "CheckAccountTransaction",
    "check_account_transaction_logs": "CheckAccountTransactionLog",
    "orders": "Order",
    "vouchers": "Voucher",
    "static_countries": "StaticCountry",
}


_parsed: dict[str, Any] = {}
"""What dbt has parsed in this process, by the variables: that takes as long as to build."""


@dataclass
class Result:
    """How a run of dbt ended: its exit code and, by name, the state of each node that did not pass."""

    exit_code: int
    not_passed: dict[str, str]
    output: str


@dataclass
class Project:
    """The dbt project with a warehouse and working files in a folder of its own."""

    folder: Path

    @property
    def warehouse(self) -> Path:
        """The DuckDB file; always the same name, as dbt parses anew when it changes."""
        return self.folder / "warehouse.duckdb"

    def dbt(self, *arguments: str, variables: Mapping[str, Any] | None = None) -> Result:
        """Run dbt in this process; never raises for what it reports."""
        given = json.dumps(variables or {})
        own = {"WAREHOUSE_PATH": str(self.warehouse), "MELTANO_ENVIRONMENT": "local"}
        said: list[str] = []
        with pytest.MonkeyPatch.context() as patch:
            for name, value in own.items():
                patch.setenv(name, value)
            options = [
                *("--project-dir", str(TRANSFORM), "--profiles-dir", str(TRANSFORM), "--vars", given),
                *("--target-path", str(self.folder / "target"), "--log-path", str(self.folder / "logs")),
                *("--log-level", "none", "--log-level-file", "none", "--no-use-colors", "--no-write-json"),
            ]
            try:
                manifest: Any = _parsed.get(given) or dbtRunner().invoke(["parse", *options]).result
                run = dbtRunner(manifest=manifest, callbacks=[partial(_note, said)])
                done = run.invoke([*arguments, *options])
            finally:
                release()
        _parsed[given] = manifest
        results = getattr(done.result, "results", [])
        not_passed = {
            each.node.name: str(each.status)
            for each in results
            if each.status not in {"success", "pass", "no-op"}
        }
        exit_code = 0 if done.success else FAILED if done.exception else SOME_FAILED
        return Result(exit_code, not_passed, "\n".join([*said, str(done.exception or "")]))

    def build(self, variables: Mapping[str, Any] | None = None) -> Result:
        """Build and test everything, as an hourly run does (unit tests need no data and run elsewhere)."""
        return self.dbt("build", "--exclude-resource-type", "unit_test", variables=variables)

    def fresh_raw(self) -> None:
        """Start with an empty raw schema."""
        self.warehouse.unlink(missing_ok=True)
        create_raw(self.warehouse)

    def read_completely(self, sandbox: Sandbox) -> None:
        """Write all of a sandbox's books into raw, as a full read at its time does, and the ECB's rates."""
        now = sandbox.clock.now.isoformat()
        for stream, resource in STREAMS.items():
            records = list(sandbox.books.rows(resource))
            write_raw(self.warehouse, stream, records, now)
            note_extraction(self.warehouse, stream, now, rows=len(records))
        write_rates(self.warehouse, rates())

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Query the warehouse."""
        with duckdb.connect(str(self.warehouse), read_only=True) as db:
            db.execute("set timezone = 'UTC'")
            return db.execute(query).fetchall()

    def number(self, query: str) -> Decimal:
        """Query the warehouse for one number."""
        return Decimal(self.rows(query)[0][0])


def _note(said: list[str], event: Any) -> None:
    if event.info.level != "debug":
        said.append(event.info.msg)
