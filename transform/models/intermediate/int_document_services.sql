-- The day by which VAT on agreed amounts falls due (Soll-Versteuerung): the end of the service, else the delivery, else
-- the date on the document.
select
    'invoice-' || invoice_id as document_id,
    coalesce(delivery_until, delivery_date, invoice_date) as service_date
from {{ ref('invoices_stg') }}

union all

select
    'credit_note-' || credit_note_id as document_id,
    coalesce(delivery_until, delivery_date, credit_note_date) as service_date
from {{ ref('credit_notes_stg') }}
