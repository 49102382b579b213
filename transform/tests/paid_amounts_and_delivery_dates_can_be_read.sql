-- Invoices that count whose paid amount is there but cannot be read: nothing counts as paid on them, so what is open
-- may be too high.
{{ config(severity='warn') }}

select
    number,
    sevdesk_id
from {{ ref('int_documents') }}
where has_unreadable_paid_amount and exclusion_reason is null
