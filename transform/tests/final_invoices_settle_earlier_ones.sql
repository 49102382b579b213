-- Final invoices of whose job no partial or advance invoice is here: if their sums repeat what was billed before, that
-- counts twice. Usual causes: the tap's start_date is later than those invoices, or the final invoice names neither its
-- order nor one of them.
{{ config(severity='warn') }}

select
    signed.document_id,
    signed.number,
    signed.gross_eur
from {{ ref('int_documents_signed') }} as signed
left join {{ ref('int_documents_signed') }} as earlier
    on
        earlier.document_class in ('partial', 'advance')
        and signed.order_id = earlier.order_id
        and signed.document_date >= earlier.document_date
where
    signed.document_class = 'final'
    and not signed.is_cancelled
    and earlier.document_id is null
    -- a final invoice that holds only what remained counts right by itself, but for advances that it makes revenue
    and not ('{{ var("final_invoice_amounts") }}' = 'remaining' and {{ var('advance_invoices_are_revenue') }})
