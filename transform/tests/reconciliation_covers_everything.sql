-- The grid holds every document of staging once, and what it counts is what is billed.
{{ config(meta={'dagster': {'ref': {'name': 'int_reconciliation'}}}) }}

with grid as (

    select
        cast(coalesce(sum(document_count), 0) as bigint) as documents,
        cast(coalesce(sum(case when is_counted then document_count else 0 end), 0) as bigint) as counted,
        cast(coalesce(sum(counted_net_eur), 0) as numeric(38, 2)) as net,
        cast(coalesce(sum(counted_gross_eur), 0) as numeric(38, 2)) as gross
    from {{ ref('int_reconciliation') }}

),

expected as (

    select
        (select count(*) from {{ ref('invoices_stg') }})
        + (select count(*) from {{ ref('credit_notes_stg') }}) as documents,
        count(*) as counted,
        cast(coalesce(sum(net_eur), 0) as numeric(38, 2)) as net,
        cast(coalesce(sum(gross_eur), 0) as numeric(38, 2)) as gross
    from {{ ref('int_documents_billed') }}

)

select
    grid.documents,
    grid.counted,
    grid.net,
    grid.gross,
    expected.documents as expected_documents,
    expected.counted as expected_counted,
    expected.net as expected_net,
    expected.gross as expected_gross
from grid
cross join expected
where
    grid.documents <> expected.documents
    or grid.counted <> expected.counted
    or grid.net <> expected.net
    or grid.gross <> expected.gross
