"""How long `dbt build`, its start and data tests included, takes over more and more invoices."""

from __future__ import annotations

import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import duckdb

from benchmarks.clients import Bench
from benchmarks.environments import ROOT
from benchmarks.figures import spread, table
from benchmarks.measure import Cost, run
from benchmarks.rounds import rounds
from tests.helpers.raw_warehouse import create_raw, note_extraction

BUILD = ("build", "--exclude-resource-type", "unit_test", "--quiet")
READ_AT = "2026-06-30T12:00:00+00:00"
INVOICES = """
    insert into raw.invoices by name
    select
        cast(n as varchar) as id,
        'RE-' || n as invoice_number,
        ['RE', 'RE', 'RE', 'RE', 'TR', 'ER', 'MA'][1 + n % 7] as invoice_type,
        ['1000', '1000', '200', '750', '100'][1 + n % 5] as status,
        json_object('id', cast(n % 3000 as varchar), 'objectName', 'Contact') as contact,
        json_object('id', cast(n % 9000 as varchar), 'objectName', 'Order') as origin,
        cast(date '2023-01-01' + cast(n % 1000 as int) as varchar) || 'T00:00:00+01:00' as invoice_date,
        '14' as time_to_pay,
        'EUR' as currency,
        '100' as sum_net,
        '19' as sum_tax,
        '119' as sum_gross,
        '0' as sum_gross_foreign_currency,
        '50' as paid_amount,
        'Muster GmbH' || chr(10) || 'Weg 1' || chr(10) || '12345 Ort ' || n % 200 as address,
        case when n % 3 > 0 then 'Ort ' || n % 400 end as address_city,
        json_object('id', '1', 'objectName', 'StaticCountry') as address_country,
        json_object('id', '1', 'objectName', 'TaxRule') as tax_rule,
        timestamptz '2026-06-30 12:00:01+00' as _sdc_extracted_at
    from range(?) as numbers (n)
"""
POSITIONS = """
    insert into raw.invoice_positions by name
    select
        cast(n as varchar) as id,
        json_object('id', cast(n % ? as varchar), 'objectName', 'Invoice') as invoice,
        '1' as quantity,
        '30' as price_net,
        ['19', '19', '7'][1 + n % 3] as tax_rate,
        timestamptz '2026-06-30 12:00:01+00' as _sdc_extracted_at
    from range(3 * ?) as numbers (n)
"""


def fill(warehouse: Path, invoices: int) -> None:
    """Write that many invoices with three lines each as the loader does."""
    create_raw(warehouse)
    with duckdb.connect(str(warehouse)) as db:
        db.execute(INVOICES, [invoices])
        db.execute(POSITIONS, [invoices, invoices])
        db.execute("insert into raw.static_countries (id, code, name) values ('1', 'de', 'Deutschland')")
    for stream in ("invoices", "credit_notes"):
        note_extraction(warehouse, stream, READ_AT)


def build(invoices: int, *, parsed: bool) -> Cost:
    """Return what one build costs over that many invoices with three lines each.

    `parsed`: dbt has seen the project before, as in any build but the first after an update of the code.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        warehouse = folder / "warehouse.duckdb"
        with ProcessPoolExecutor(1, get_context("spawn")) as apart:  # measure.py: this process stays small
            apart.submit(fill, warehouse, invoices).result()
        own = {"WAREHOUSE_PATH": str(warehouse), "MELTANO_ENVIRONMENT": "local"}
        project = ("--project-dir", str(ROOT / "transform"), "--profiles-dir", str(ROOT / "transform"))
        paths = ("--target-path", str(folder / "target"), "--log-path", str(folder / "logs"))
        dbt = partial(run, folder=folder, environment={**os.environ, **own})
        program = str(Path(sys.executable).with_name("dbt"))
        if parsed:
            dbt((program, "parse", "--quiet", *project, *paths))
        return dbt((program, *BUILD, *project, *paths))


def models(_bench: Bench, size: int, count: int) -> str:
    """Build over a hundredth, a tenth and all of `size` invoices, in turn."""
    cases = {
        f"{each:,} invoices, {3 * each:,} lines{before}": partial(build, each, parsed=parsed)
        for each in (size // 100, size // 10, size)
        for before, parsed in (("", True), ("; nothing parsed before", False))
    }
    costs = rounds(cases, count)
    rows = [
        [name, spread([cost.wall for cost in measured], 1), spread([cost.cpu for cost in measured], 1)]
        for name, measured in costs.items()
    ]
    return table(["dbt build, its start and data tests included", "wall s", "CPU s"], rows)
