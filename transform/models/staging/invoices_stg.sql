with current_invoices as (

    {{ current_rows('invoices') }}

)

select
    id as invoice_id,
    {{ words('invoice_number') }} as number,
    invoice_type,
    status,
    {{ civil_date('invoice_date') }} as invoice_date,
    {{ civil_date('delivery_date') }} as delivery_date,
    {{ civil_date('delivery_date_until') }} as delivery_until,
    {{ civil_date('pay_date') }} as pay_date,
    {{ payment_term('time_to_pay') }} as days_to_pay,
    {{ json_text('contact', 'id') }} as contact_id,
    {{ json_text('origin', 'id') }} as origin_id,
    {{ json_text('origin', 'objectName') }} as origin_type,
    {{ tidy('address_name') }} as address_name,
    address as address_text,
    {{ tidy('address_zip') }} as address_zip,
    {{ tidy('address_city') }} as address_city,
    {{ json_text('address_country', 'id') }} as address_country_id,
    coalesce(upper({{ words('currency') }}), '{{ home_currency() }}') as currency,
    {{ amount('sum_net') }} as sum_net,
    {{ amount('sum_tax') }} as sum_tax,
    {{ amount('sum_gross') }} as sum_gross,
    coalesce({{ amount('sum_net_foreign_currency') }}, 0) as sum_net_foreign_currency,
    coalesce({{ amount('sum_tax_foreign_currency') }}, 0) as sum_tax_foreign_currency,
    coalesce({{ amount('sum_gross_foreign_currency') }}, 0) as sum_gross_foreign_currency,
    coalesce({{ amount('paid_amount') }}, 0) as paid_amount,
    {{ json_text('tax_rule', 'id') }} as tax_rule_id,
    {{ words('tax_type') }} as tax_type,
    coalesce(try_cast(dunning_level as bigint), 0) as dunning_level,
    invoice_date as date_sent,
    sum_net as net_sent,
    sum_tax as tax_sent,
    sum_gross as gross_sent,
    currency as currency_sent,
    {{ is_unreadable(['sum_net_foreign_currency', 'sum_tax_foreign_currency', 'sum_gross_foreign_currency']) }}
        as has_unreadable_foreign_amount,
    {{ is_unreadable(['delivery_date', 'delivery_date_until'], civil_date) }} as has_unreadable_delivery_date,
    {{ is_unreadable(['paid_amount']) }} as has_unreadable_paid_amount,
    {{ reserved('create') }} as created_at,
    {{ reserved('update') }} as updated_at,
    _sdc_extracted_at as read_at,
    is_deleted
from current_invoices
