with current_contacts as (

    {{ current_rows('contacts') }}

)

select
    id as contact_id,
    -- an organisation has a name; a person has a first name (spelled `surename` by the API) and a family name
    coalesce(
        {{ tidy('name') }},
        nullif(trim(coalesce({{ tidy('surename') }}, '') || ' ' || coalesce({{ tidy('familyname') }}, '')), '')
    ) as contact_name,
    {{ words('customer_number') }} as customer_number,
    {{ json_text('category', 'id') }} as category_id,
    {{ json_text('parent', 'id') }} as parent_id,
    {{ reserved('create') }} as created_at,
    {{ reserved('update') }} as updated_at,
    _sdc_extracted_at as read_at,
    is_deleted
from current_contacts
