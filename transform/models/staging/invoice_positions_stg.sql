with current_positions as (

    {{ current_rows('invoice_positions') }}

)

select
    id as invoice_position_id,
    {{ json_text('invoice', 'id') }} as invoice_id,
    {{ json_text('part', 'id') }} as part_id,
    {{ words('name') }} as name,
    try_cast(position_number as bigint) as position_number,
    {{ quantity('quantity') }} as quantity,
    {{ unit_price('price_net') }} as price_net,
    coalesce({{ amount('sum_discount') }}, 0) as sum_discount,
    -- `price` is the one that was entered
    coalesce(
        {{ unit_price('price') }} = {{ unit_price('price_gross') }}
        and {{ unit_price('price') }} <> {{ unit_price('price_net') }},
        false
    ) as has_gross_price,
    {{ unit_price('sum_net') }} as sum_net,
    case
        when try_cast(tax_rate as numeric(38, 2)) between 0 and 100 then try_cast(tax_rate as numeric(5, 2))
    end as tax_rate,
    {{ is_unreadable(['quantity'], quantity) }} or {{ is_unreadable(['price_net', 'sum_net'], unit_price) }}
    or {{ is_unreadable(['sum_discount']) }} as has_unreadable_amount,
    {{ reserved('create') }} as created_at,
    {{ reserved('update') }} as updated_at,
    _sdc_extracted_at as read_at,
    is_deleted
from current_positions
