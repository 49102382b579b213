-- One name for each country code: sevDesk's list has codes several times (three gb) and some that are none (du).
with listed as (

    select
        country_id,
        country_name,
        country_code as written_code,
        {{ country_code_of('country_code') }} as country_code
    from {{ ref('static_countries_stg') }}
    where country_code is not null

)

select
    country_id,
    country_code,
    first_value(country_name) over (
        partition by country_code
        order by
            case when written_code = country_code then 0 else 1 end,
            length(country_id),
            country_id
        rows between unbounded preceding and unbounded following
    ) as country_name
from listed
