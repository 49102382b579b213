-- Cancellations and credit notes that name an invoice which is not among the counted documents: the total is too low by
-- them. Usual cause: the tap's start_date is later than the invoice.
{{ config(severity='warn') }}

select
    signed.document_id,
    signed.number,
    signed.reverses_document_id,
    signed.gross_eur
from {{ ref('int_documents_signed') }} as signed
left join {{ ref('int_documents_signed') }} as originals
    on signed.reverses_document_id = originals.document_id
where
    originals.document_id is null
    and (
        (signed.document_class = 'cancellation' and not signed.is_cancelled)
        or (signed.document_class = 'credit_note' and signed.reverses_document_id is not null)
    )
