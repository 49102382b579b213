"""The tap's preset without personal data: all models build, and customers are shown by their number."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sevdesk_sandbox import Sandbox

from tests.helpers.books_by_hand import rates
from tests.helpers.raw_warehouse import note_extraction, write_rates, write_raw
from tests.helpers.transform_project import STREAMS, TRANSFORM, Project

if TYPE_CHECKING:
    from pathlib import Path

PRESET = json.loads(
    (TRANSFORM.parent / "tap-sevdesk" / "meltano" / "no-personal-data.json").read_text("utf-8")
)
NOON = "2026-06-30T12:00:00+00:00"


def without_persons(stream: str, record: dict[str, Any]) -> dict[str, Any]:
    """Return a record as the stream map leaves it: the texts of persons are empty."""
    emptied = {field: "" for field, sent in PRESET.get(stream, {}).items() if sent == "''"}
    return record | {field: "" for field in emptied if field in record}


def test_the_models_build_and_customers_are_shown_by_their_number(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.fresh_raw()
    with Sandbox(seed=1, now=NOON) as sandbox:
        for stream, resource in STREAMS.items():
            records = [without_persons(stream, record) for record in sandbox.books.rows(resource)]
            write_raw(project.warehouse, stream, records, NOON)
            note_extraction(project.warehouse, stream, NOON, rows=len(records))
        numbers = {record["customerNumber"] for record in sandbox.books.rows("Contact")}
    write_rates(project.warehouse, rates())

    result = project.build()

    assert result.exit_code == 0, result.output
    names = {
        name for (name,) in project.rows("select distinct customer_name from analytics.invoices_summary")
    }
    assert len(names) > 50
    assert names <= numbers | {"Unknown"}
    assert (
        project.number("select count(*) from analytics.invoices_amount_by_city where city <> 'Unknown'") > 10
    )
