-- What counts adds up to what staging holds and is not in question, by another way than the models': straight from the
-- two lists, in home currency, without sign. What cancels a credit note that is no sale is left out like it. Under the
-- cumulative reading the summary lowers final invoices and what takes them back, so these are left out.
{{ config(meta={'dagster': {'ref': {'name': 'int_documents_billed'}}}) }}
{% set home = home_currency() -%}
with adjusted as (

    select 'invoice-' || invoice_id as document_id
    from {{ ref('invoices_stg') }}
    where invoice_type in ('ER', 'SR') and '{{ var("final_invoice_amounts") }}' = 'cumulative'

    union all

    select 'credit_note-' || credit_notes.credit_note_id as document_id
    from {{ ref('credit_notes_stg') }} as credit_notes
    inner join {{ ref('invoices_stg') }} as invoices on credit_notes.invoice_id = invoices.invoice_id
    where invoices.invoice_type = 'ER' and '{{ var("final_invoice_amounts") }}' = 'cumulative'

),

set_aside as (

    select document_source || '-' || sevdesk_id as document_id
    from {{ ref('int_documents_in_question') }}
    where document_source in ('invoice', 'credit_note')

    union all

    select 'invoice-' || invoices.invoice_id as document_id
    from {{ ref('invoices_stg') }} as invoices
    inner join {{ ref('credit_notes_stg') }} as credit_notes on invoices.origin_id = credit_notes.credit_note_id
    where
        invoices.invoice_type = 'SR' and invoices.origin_type = 'CreditNote'
        and credit_notes.booking_category <> 'UNDERACHIEVEMENT'

    union all

    select document_id from adjusted

),

summary as (

    select
        count(*) as documents,
        cast(coalesce(sum(abs(net_eur)), 0) as numeric(38, 2)) as net,
        cast(coalesce(sum(abs(gross_eur)), 0) as numeric(38, 2)) as gross
    from {{ ref('int_documents_billed') }}
    where currency = '{{ home }}' and document_id not in (select adjusted.document_id from adjusted)

),

staged as (

    select
        sum_net,
        sum_gross
    from {{ ref('invoices_stg') }}
    where
        not is_deleted and 'invoice-' || invoice_id not in (select set_aside.document_id from set_aside)
        and currency = '{{ home }}' and status in ('200', '750', '1000')
        and invoice_type in ('RE', 'TR', 'AR', 'ER', 'SR')

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
