-- Final invoices that settle no partial or advance invoice although there may be one: if their sums repeat what was
-- billed before, that counts twice. Either SEVDESK_START_DATE leaves older invoices out, or the invoice that they
-- follow is not here, or they name no job, and the same customer has an invoice that no final invoice settles. Where
-- nothing of the kind is known, there was nothing to settle.
{{ config(severity='warn') }}

with invoices as (

    select
        document_id,
        number,
        document_class,
        document_date,
        contact_id,
        order_id,
        gross_eur,
        is_cancelled
    from {{ ref('int_documents_signed') }}
    where document_class in ('partial', 'advance', 'final')

),

settled as (

    select
        finals.document_id as final_id,
        earlier.document_id as earlier_id
    from invoices as finals
    inner join invoices as earlier
        on
            finals.document_class = 'final'
            and earlier.document_class in ('partial', 'advance')
            and finals.order_id = earlier.order_id
            and finals.document_date >= earlier.document_date
    where not finals.is_cancelled

),

left_over as (

    select
        contact_id,
        min(document_date) as first_date
    from invoices
    where
        document_class in ('partial', 'advance')
        and not is_cancelled
        and document_id not in (select settled.earlier_id from settled)
    group by contact_id

)

select
    finals.document_id,
    finals.number,
    finals.gross_eur
from invoices as finals
left join left_over on finals.contact_id = left_over.contact_id and finals.document_date >= left_over.first_date
where
    finals.document_class = 'final'
    and not finals.is_cancelled
    and finals.document_id not in (select settled.final_id from settled)
    and (
        {{ start_day() }} is not null
        -- what stands for a job without an order is its first invoice
        or (finals.order_id like 'invoice-%' and (
            left_over.contact_id is not null
            or finals.order_id not in (select signed.document_id from {{ ref('int_documents_signed') }} as signed)
        ))
    )
    -- a final invoice that holds only what remained counts right by itself, but for advances that it makes revenue
    and not ('{{ var("final_invoice_amounts") }}' = 'remaining' and {{ var('advance_invoices_are_revenue') }})
