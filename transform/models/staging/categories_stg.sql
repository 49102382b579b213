with current_categories as (

    {{ current_rows('categories') }}

)

select
    id as category_id,
    {{ tidy('name') }} as category_name,
    {{ words('translation_code') }} as translation_code,
    {{ words('object_type') }} as object_type,
    _sdc_extracted_at as read_at,
    is_deleted
from current_categories
