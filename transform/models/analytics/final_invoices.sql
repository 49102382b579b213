select
    document_id,
    number,
    invoice_date,
    customer_name,
    net_eur,
    gross_eur,
    uncertain_net_eur,
    uncertain_gross_eur,
    cast(net_eur - uncertain_net_eur as numeric(38, 2)) as net_if_cumulative_eur,
    cast(gross_eur - uncertain_gross_eur as numeric(38, 2)) as gross_if_cumulative_eur,
    is_cancelled,
    data_as_of
from {{ ref('invoices_summary') }}
where uncertain_net_eur <> 0 or uncertain_gross_eur <> 0
