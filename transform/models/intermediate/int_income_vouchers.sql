-- Income that is booked by voucher and not by invoice: it stands beside the invoiced amount, never inside it. Drafts,
-- recurring templates and expenses are left out; what cannot be read is in question.
with income_vouchers as (

    {{ income_vouchers() }}

)

select
    vouchers.voucher_id,
    vouchers.number,
    vouchers.voucher_date,
    cast(date_trunc('month', vouchers.voucher_date) as date) as voucher_month,
    cast(extract(year from vouchers.voucher_date) as integer) as voucher_year,
    coalesce(firms.contact_id, vouchers.contact_id) as customer_id,
    {{ customer_name('vouchers.supplier_name') }} as customer_name,
    cast(vouchers.listed_net as numeric(38, 2)) as net_eur,
    cast(vouchers.listed_tax as numeric(38, 2)) as tax_eur,
    cast(vouchers.listed_gross as numeric(38, 2)) as gross_eur,
    cast(vouchers.listed_paid as numeric(38, 2)) as paid_eur,
    vouchers.fx_source,
    vouchers.exchange_rate,
    vouchers.status,
    case vouchers.status
        when '100' then 'open' when '150' then 'open' when '750' then 'partly paid' when '1000' then 'paid'
        else 'unknown'
    end as status_name
from income_vouchers as vouchers
left join {{ ref('contacts_stg') }} as contacts on vouchers.contact_id = contacts.contact_id
left join {{ ref('contacts_stg') }} as firms on contacts.parent_id = firms.contact_id
where vouchers.question_code is null
