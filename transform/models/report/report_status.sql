-- One row: whose figures they are and how far they reach.
select
    max(data_as_of) as data_as_of,
    max(updated_at) as last_change_at,
    count(case when currency <> '{{ var("home_currency") }}' then 1 end) as foreign_documents,
    '{{ var("final_invoice_amounts") }}' as final_invoice_amounts
from {{ ref('invoices_summary') }}
