select
    number,
    voucher_date,
    customer_name,
    net_eur,
    tax_eur,
    gross_eur,
    status_name as status
from {{ ref('income_vouchers') }}
