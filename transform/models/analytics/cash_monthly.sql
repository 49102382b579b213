select
    payment_month,
    cast(sum(case when kind = 'payment' then amount_eur else 0 end) as numeric(38, 2)) as received_eur,
    cast(sum(case when kind = 'write_off' then amount_eur else 0 end) as numeric(38, 2)) as written_off_eur,
    cast(
        sum(case when kind = 'payment' and document_source = 'voucher' then amount_eur else 0 end) as numeric(38, 2)
    ) as received_by_voucher_eur,
    count(*) as payment_count,
    max(data_as_of) as data_as_of
from {{ ref('payments') }}
group by payment_month
