with current_positions as (

    {{ current_rows('invoice_positions') }}

)

select
    id as invoice_position_id,
    {{ json_text('invoice', 'id') }} as invoice_id,
    {{ json_text('part', 'id') }} as part_id,
    {{ words('name') }} as name,
    try_cast(position_number as bigint) as position_number,
    try_cast(quantity as numeric(18, 6)) as quantity,
    try_cast(price_net as numeric(18, 6)) as price_net,
    coalesce({{ amount('sum_discount') }}, 0) as sum_discount,
    try_cast(tax_rate as numeric(5, 2)) as tax_rate,
    {{ reserved('create') }} as created_at,
    {{ reserved('update') }} as updated_at,
    _sdc_extracted_at as read_at,
    is_deleted
from current_positions
