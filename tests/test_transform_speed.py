"""A hundred thousand invoices with three hundred thousand lines are transformed and tested in seconds."""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING

import duckdb
from raw_warehouse import note_extraction
from transform_project import Project

if TYPE_CHECKING:
    from pathlib import Path

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
    from range(100000) as numbers (n)
"""
POSITIONS = """
    insert into raw.invoice_positions by name
    select
        cast(n as varchar) as id,
        json_object('id', cast(n % 100000 as varchar), 'objectName', 'Invoice') as invoice,
        '1' as quantity,
        '30' as price_net,
        ['19', '19', '7'][1 + n % 3] as tax_rate,
        timestamptz '2026-06-30 12:00:01+00' as _sdc_extracted_at
    from range(300000) as numbers (n)
"""


def test_a_hundred_thousand_invoices_take_less_than_fifteen_seconds(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.fresh_raw()
    with duckdb.connect(str(project.warehouse)) as db:
        db.execute(INVOICES)
        db.execute(POSITIONS)
        db.execute("insert into raw.static_countries (id, code, name) values ('1', 'de', 'Deutschland')")
    for stream in ("invoices", "credit_notes"):
        note_extraction(project.warehouse, stream, READ_AT)

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = project.build()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)

    assert result.exit_code == 0, result.output
    assert project.number("select count(*) from analytics.invoices_summary") > 60_000
    # processor time, as the tests beside this one slow the clock on the wall but hardly this
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 15
