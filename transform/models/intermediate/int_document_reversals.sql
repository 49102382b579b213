-- Counted documents that take another one back, or are taken back: an open invoice is reversed by an SR invoice, a
-- paid one by a credit note; sevDesk has no status for it. `is_cancelled`: taken back whole, so that the sum is zero.
with documents as (

    select
        documents.document_id,
        documents.source,
        documents.sevdesk_id,
        documents.document_type,
        documents.reverses_invoice_id,
        documents.currency,
        amounts.listed_gross,
        amounts.gross_document_currency
    from {{ ref('int_documents') }} as documents
    inner join {{ ref('int_document_amounts') }} as amounts on documents.document_id = amounts.document_id
    where documents.exclusion_reason is null

),

reversals as (

    select
        reverses_invoice_id as invoice_id,
        max(case when document_type = 'SR' then 1 else 0 end) as has_cancellation,
        cast(sum(abs(listed_gross)) as numeric(38, 2)) as reversed_gross_eur,
        cast(sum(abs(gross_document_currency)) as numeric(38, 2)) as reversed_gross,
        min(currency) as first_currency,
        max(currency) as last_currency
    from documents
    where reverses_invoice_id is not null
    group by reverses_invoice_id

),

compared as (

    select
        documents.sevdesk_id as invoice_id,
        reversals.has_cancellation,
        documents.listed_gross,
        documents.gross_document_currency,
        reversals.reversed_gross_eur,
        reversals.reversed_gross,
        documents.currency = reversals.first_currency and documents.currency = reversals.last_currency
            as is_one_currency
    from documents
    inner join reversals on documents.sevdesk_id = reversals.invoice_id
    where documents.source = 'invoice'

),

-- in the document's currency, as two rates would give two amounts; amounts of two currencies compare in euros only
reversed_invoices as (

    select
        invoice_id,
        has_cancellation = 1
        or case
            when is_one_currency then reversed_gross >= abs(gross_document_currency)
            else reversed_gross_eur >= abs(listed_gross)
        end as is_cancelled,
        cast(
            case when is_one_currency then greatest(reversed_gross - abs(gross_document_currency), 0) else 0 end
            as numeric(38, 2)
        ) as reversed_beyond
    from compared

)

select
    documents.document_id,
    reversed_invoices.is_cancelled,
    reversed_invoices.reversed_beyond
from documents
inner join reversed_invoices
    on coalesce(
        documents.reverses_invoice_id,
        case when documents.source = 'invoice' then documents.sevdesk_id end
    ) = reversed_invoices.invoice_id
