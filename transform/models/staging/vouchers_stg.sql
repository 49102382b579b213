with current_vouchers as (

    {{ current_rows('vouchers') }}

)

select
    id as voucher_id,
    -- sevDesk keeps the number of a voucher in its description
    {{ tidy('description') }} as number,
    voucher_type,
    credit_debit,
    status,
    {{ civil_date('voucher_date') }} as voucher_date,
    {{ civil_date('pay_date') }} as pay_date,
    {{ json_text('supplier', 'id') }} as contact_id,
    coalesce({{ tidy('supplier_name_at_save') }}, {{ tidy('supplier_name') }}) as supplier_name,
    coalesce(upper({{ words('currency') }}), '{{ home_currency() }}') as currency,
    {{ amount('sum_net') }} as sum_net,
    {{ amount('sum_tax') }} as sum_tax,
    {{ amount('sum_gross') }} as sum_gross,
    coalesce({{ amount('sum_net_foreign_currency') }}, 0) as sum_net_foreign_currency,
    coalesce({{ amount('sum_tax_foreign_currency') }}, 0) as sum_tax_foreign_currency,
    coalesce({{ amount('sum_gross_foreign_currency') }}, 0) as sum_gross_foreign_currency,
    coalesce({{ amount('paid_amount') }}, 0) as paid_amount,
    voucher_date as date_sent,
    sum_net as net_sent,
    sum_tax as tax_sent,
    sum_gross as gross_sent,
    currency as currency_sent,
    {{ is_unreadable(['sum_net_foreign_currency', 'sum_tax_foreign_currency', 'sum_gross_foreign_currency']) }}
        as has_unreadable_foreign_amount,
    {{ is_unreadable(['paid_amount']) }} as has_unreadable_paid_amount,
    {{ reserved('create') }} as created_at,
    {{ reserved('update') }} as updated_at,
    _sdc_extracted_at as read_at,
    is_deleted
from current_vouchers
