"""How long `dbt build`, parsing and data tests included, takes over more and more invoices."""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from benchmarks.clients import Bench
from benchmarks.figures import spread, table
from tests.helpers.raw_warehouse import note_extraction
from tests.helpers.transform_project import Project

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


def build(invoices: int) -> tuple[float, float]:
    """Return wall and processor seconds of one build over that many invoices with three lines each."""
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder))
        project.fresh_raw()
        with duckdb.connect(str(project.warehouse)) as db:
            db.execute(INVOICES, [invoices])
            db.execute(POSITIONS, [invoices, invoices])
            db.execute("insert into raw.static_countries (id, code, name) values ('1', 'de', 'Deutschland')")
        for stream in ("invoices", "credit_notes"):
            note_extraction(project.warehouse, stream, READ_AT)
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        result = project.build()
        wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
        if result.exit_code:
            sys.exit(result.output)
        return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def models(_bench: Bench, size: int, count: int) -> str:
    """Build over a hundredth, a tenth and all of `size` invoices, in turn."""
    sizes = (size // 100, size // 10, size)
    walls: dict[int, list[float]] = {each: [] for each in sizes}
    cpus: dict[int, list[float]] = {each: [] for each in sizes}
    for _ in range(count):
        for each in sizes:
            wall, cpu = build(each)
            walls[each].append(wall)
            cpus[each].append(cpu)
    rows = [
        [f"{each:,} invoices, {3 * each:,} lines", spread(walls[each], 1), spread(cpus[each], 1)]
        for each in sizes
    ]
    return table(["dbt build, data tests and parsing included", "wall s", "CPU s"], rows)
