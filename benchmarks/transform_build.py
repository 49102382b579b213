"""How long `dbt build`, parsing and data tests included, takes over more and more invoices: `make bench`."""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

import duckdb

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from raw_warehouse import note_extraction
from transform_project import Project

SIZES = (1_000, 10_000, 100_000)
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


def main() -> None:
    """Print a line for each size, with the ratio to the smallest."""
    print(f"{'invoices':>10}{'lines':>10}{'wall s':>9}{'CPU s':>8}{'wall ratio':>12}")
    smallest = None
    for size in SIZES:
        wall, cpu = build(size)
        smallest = smallest or wall
        print(f"{size:>10,}{3 * size:>10,}{wall:>9.1f}{cpu:>8.1f}{wall / smallest:>12.2f}", flush=True)


if __name__ == "__main__":
    main()
