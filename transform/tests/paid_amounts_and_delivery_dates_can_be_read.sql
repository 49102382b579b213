-- Documents that count whose paid amount or date of delivery is there but cannot be read: nothing counts as paid on
-- them, so what is open may be too high, or their VAT falls due by another date.
{{ config(severity='warn') }}

select
    number,
    sevdesk_id
from {{ ref('int_documents') }}
where (has_unreadable_paid_amount or has_unreadable_delivery_date) and exclusion_reason is null
