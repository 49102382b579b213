select
    vouchers.*,
    {{ is_before_start('vouchers.voucher_date') }} as is_before_start_date,
    as_of.data_as_of
from {{ ref('published_income_vouchers') }} as vouchers
cross join {{ ref('int_data_as_of') }} as as_of
