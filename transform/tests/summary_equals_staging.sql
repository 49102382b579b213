-- What counts adds up to what staging holds and is not in question, by another way than the models': straight from the
-- two lists, in home currency, without sign. Under the cumulative reading the summary lowers final invoices, so these
-- are left out.
{{ config(meta={'dagster': {'ref': {'name': 'int_documents_billed'}}}) }}
{% set home = home_currency() -%}
{% set adjusted = "('final', 'cancellation')" if var('final_invoice_amounts') == 'cumulative' else "('none')" -%}
{% set adjusted_types = "('ER', 'SR')" if var('final_invoice_amounts') == 'cumulative' else "('none')" -%}
with summary as (

    select
        count(*) as documents,
        cast(coalesce(sum(abs(net_eur)), 0) as numeric(38, 2)) as net,
        cast(coalesce(sum(abs(gross_eur)), 0) as numeric(38, 2)) as gross
    from {{ ref('int_documents_billed') }}
    where currency = '{{ home }}' and document_class not in {{ adjusted }}

),

set_aside as (

    select document_source || '-' || sevdesk_id as document_id
    from {{ ref('int_documents_in_question') }}
    where document_source in ('invoice', 'credit_note')

),

staged as (

    select
        sum_net,
        sum_gross
    from {{ ref('invoices_stg') }}
    where
        not is_deleted and 'invoice-' || invoice_id not in (select set_aside.document_id from set_aside)
        and currency = '{{ home }}' and status in ('200', '750', '1000')
        and invoice_type in ('RE', 'TR', 'AR', 'ER', 'SR') and invoice_type not in {{ adjusted_types }}

    union all

    select
        sum_net,
        sum_gross
    from {{ ref('credit_notes_stg') }}
    where
        not is_deleted and 'credit_note-' || credit_note_id not in (select set_aside.document_id from set_aside)
        and currency = '{{ home }}' and status in ('200', '750', '1000')
        and booking_category = 'UNDERACHIEVEMENT'

),

staging as (

    select
        count(*) as documents,
        cast(coalesce(sum(abs(sum_net)), 0) as numeric(38, 2)) as net,
        cast(coalesce(sum(abs(sum_gross)), 0) as numeric(38, 2)) as gross
    from staged

)

select
    summary.documents,
    staging.documents as staging_documents,
    summary.net,
    staging.net as staging_net,
    summary.gross,
    staging.gross as staging_gross
from summary
cross join staging
where
    summary.documents <> staging.documents
    or summary.net <> staging.net
    or summary.gross <> staging.gross
