with current_addresses as (

    {{ current_rows('contact_addresses') }}

)

select
    id as contact_address_id,
    {{ json_text('contact', 'id') }} as contact_id,
    {{ json_text('category', 'id') }} as category_id,
    {{ tidy('street') }} as street,
    {{ tidy('zip') }} as zip,
    {{ tidy('city') }} as city,
    {{ json_text('country', 'id') }} as country_id,
    {{ reserved('create') }} as created_at,
    {{ reserved('update') }} as updated_at,
    _sdc_extracted_at as read_at,
    is_deleted
from current_addresses
