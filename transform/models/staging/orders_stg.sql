with current_orders as (

    {{ current_rows('orders') }}

)

select
    id as order_id,
    {{ words('order_number') }} as number,
    order_type,
    status,
    {{ civil_date('order_date') }} as order_date,
    {{ json_text('contact', 'id') }} as contact_id,
    {{ tidy('address_name') }} as address_name,
    coalesce(upper({{ words('currency') }}), '{{ var("home_currency") }}') as currency,
    {{ amount('sum_net') }} as sum_net,
    {{ amount('sum_gross') }} as sum_gross,
    coalesce({{ amount('sum_gross_foreign_currency') }}, 0) as sum_gross_foreign_currency,
    order_date as date_sent,
    sum_net as net_sent,
    sum_gross as gross_sent,
    currency as currency_sent,
    {{ is_unreadable(['sum_gross_foreign_currency']) }} as has_unreadable_foreign_amount,
    {{ reserved('create') }} as created_at,
    {{ reserved('update') }} as updated_at,
    _sdc_extracted_at as read_at,
    is_deleted
from current_orders
