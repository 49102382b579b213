-- Final invoices whose order also has partial or advance invoices, with the amount under both readings. Look one up in
-- sevDesk, then set the variable final_invoice_amounts to the reading that fits, and this warning ends.
{{ config(severity='warn') }}

{% set is_cumulative = var('final_invoice_amounts') == 'cumulative' -%}
select
    document_id,
    number,
    earlier_documents,
    cast(net_eur {{ '+ earlier_net' if is_cumulative }} as numeric(38, 2)) as net_if_remaining,
    cast(net_eur {{ '- earlier_net' if not is_cumulative }} as numeric(38, 2)) as net_if_cumulative,
    gross_eur,
    earlier_gross
from {{ ref('int_documents_signed') }}
where
    document_class = 'final' and earlier_documents > 0
    and '{{ var("final_invoice_amounts") }}' = 'unconfirmed'
