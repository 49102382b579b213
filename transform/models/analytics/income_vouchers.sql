select
    vouchers.voucher_id,
    vouchers.number,
    vouchers.voucher_date,
    vouchers.voucher_month,
    vouchers.voucher_year,
    vouchers.customer_id,
    vouchers.customer_name,
    vouchers.net_eur,
    vouchers.tax_eur,
    vouchers.gross_eur,
    vouchers.paid_eur,
    vouchers.status,
    vouchers.status_name,
    {{ is_before_start('vouchers.voucher_date') }} as is_before_start_date,
    as_of.data_as_of
from {{ ref('published_income_vouchers') }} as vouchers
cross join {{ ref('int_data_as_of') }} as as_of
