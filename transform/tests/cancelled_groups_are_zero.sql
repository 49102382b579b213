-- Cancelled invoices that do not come to zero together with what takes them back: the amounts differ, or more was
-- credited than billed. In home currency only, as a foreign one may be booked at two rates.
{{ config(severity='warn') }}

select
    coalesce(reverses_invoice_id, sevdesk_id) as invoice_id,
    cast(sum(gross_eur) as numeric(38, 2)) as gross_eur
from {{ ref('int_documents_signed') }}
where is_cancelled and fx_source = 'home'
group by coalesce(reverses_invoice_id, sevdesk_id)
having sum(gross_eur) <> 0
