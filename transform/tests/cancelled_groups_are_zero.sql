-- Cancelled invoices that do not come to zero together with what takes them back: the amounts differ, or more was
-- credited than billed. In home currency only, as a foreign one may be booked at two rates.
{{ config(severity='warn') }}

select
    coalesce(reverses_document_id, document_id) as document_id,
    cast(sum(gross_eur) as numeric(38, 2)) as gross_eur
from {{ ref('int_documents_signed') }}
where is_cancelled
group by coalesce(reverses_document_id, document_id)
having sum(gross_eur) <> 0 and max(case when fx_source = 'home' then 0 else 1 end) = 0
