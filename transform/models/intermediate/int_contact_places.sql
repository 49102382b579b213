-- Where contacts are, one row for each of their addresses that names a city or a country, the best one first: a living
-- one, one with a city, the invoice address before others and the delivery address last, the one entered first.
with categories as (

    select
        category_id,
        lower(category_name || ' ' || coalesce(translation_code, '')) as words
    from {{ ref('categories_stg') }}

),

addresses as (

    select
        addresses.contact_address_id,
        addresses.contact_id,
        addresses.is_deleted,
        coalesce({{ place_in('addresses.city', 'city') }}, {{ city_name('addresses.city') }}) as city,
        coalesce(addresses.zip, {{ place_in('addresses.city', 'zip') }}) as written_zip,
        countries.country_code,
        {{ is_unlisted_country('addresses.country_id', 'countries.country_code') }} as is_unlisted_country,
        case
            when categories.words like '%rechnung%' or categories.words like '%invoice%' then 1
            when categories.words like '%liefer%' or categories.words like '%deliver%' then 3
            else 2
        end as purpose
    from {{ ref('contact_addresses_stg') }} as addresses
    left join categories on addresses.category_id = categories.category_id
    left join {{ ref('int_countries') }} as countries on addresses.country_id = countries.country_id
    where addresses.contact_id is not null and (addresses.city is not null or addresses.country_id is not null)

)

select
    contact_address_id,
    contact_id,
    {{ bare_postcode('written_zip') }} as zip,
    city,
    {{ city_key('city') }} as city_key,
    coalesce(country_code, {{ country_before('written_zip') }}) as country_code,
    is_unlisted_country,
    row_number() over (
        partition by contact_id
        order by
            case when is_deleted then 1 else 0 end,
            case when city is null then 1 else 0 end,
            purpose,
            length(contact_address_id),
            contact_address_id
    ) as place
from addresses
