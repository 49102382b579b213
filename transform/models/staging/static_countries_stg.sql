with current_countries as (

    {{ current_rows('static_countries', has_creation_time=false) }}

)

select
    id as country_id,
    upper({{ words('code') }}) as country_code,
    coalesce({{ words('name') }}, {{ words('name_en') }}) as country_name,
    _sdc_extracted_at as read_at,
    is_deleted
from current_countries
