-- Documents that count whose date of delivery is there but cannot be read: their VAT may fall due by another date.
{{ config(severity='warn') }}

select
    number,
    sevdesk_id
from {{ ref('int_documents') }}
where has_unreadable_delivery_date and exclusion_reason is null
