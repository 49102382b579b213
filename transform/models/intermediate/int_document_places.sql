-- City and country of every counted document, and where they were found. Both come from the same place: the document,
-- or the contact's address, never the city of one and the country of the other.
{% set may_lie_at_home -%}
    chain.city is not null and not chain.is_unlisted_country
    and {{ postcode_fits('chain.zip', "'" ~ var('home_country') ~ "'") }}
{%- endset -%}
with addresses as (

    select * from {{ ref('int_document_addresses') }}

),

-- a contact person is where the firm is, if no address is kept with the person
contacts as (

    select
        document_id,
        contact_id,
        0 as distance
    from addresses
    where contact_id is not null

    union all

    select
        addresses.document_id,
        contacts.parent_id as contact_id,
        1 as distance
    from addresses
    inner join {{ ref('contacts_stg') }} as contacts on addresses.contact_id = contacts.contact_id
    where contacts.parent_id is not null

),

-- an address that agrees with what the document says comes before one that does not
contact_places as (

    select
        addresses.document_id,
        places.zip,
        places.city,
        places.city_key,
        places.country_code,
        places.is_unlisted_country
    from addresses
    inner join contacts on addresses.document_id = contacts.document_id
    inner join {{ ref('int_contact_places') }} as places on contacts.contact_id = places.contact_id
    qualify row_number() over (
        partition by addresses.document_id
        order by
            case when addresses.city_key = places.city_key then 0 else 1 end,
            case when addresses.zip = places.zip then 0 else 1 end,
            case when addresses.city is null and addresses.country_code = places.country_code then 0 else 1 end,
            contacts.distance,
            places.place
    ) = 1

),

chain as (

    select
        addresses.document_id,
        addresses.document_date,
        case
            when addresses.city_source is not null then addresses.city_source
            when contact_places.city is not null then 'contact'
            else 'unknown'
        end as city_source,
        case when addresses.city is not null then addresses.zip else contact_places.zip end as zip,
        coalesce(addresses.city, contact_places.city) as city,
        case
            when addresses.city is null and contact_places.city is not null
                then coalesce(contact_places.country_code, addresses.country_code)
            when addresses.country_code is not null then addresses.country_code
            when
                addresses.city is null or addresses.city_key = contact_places.city_key
                or addresses.zip = contact_places.zip
                then contact_places.country_code
        end as stated_country_code,
        case
            when addresses.city is null and contact_places.country_code is not null and contact_places.city is not null
                then 'contact'
            when addresses.country_code is not null then addresses.country_source
            else 'contact'
        end as stated_country_source,
        -- a place whose country is named, but not known, is not taken to lie at home
        coalesce(
            addresses.is_unlisted_country
            or (
                (
                    addresses.city is null or addresses.city_key = contact_places.city_key
                    or addresses.zip = contact_places.zip
                )
                and contact_places.is_unlisted_country
            ),
            false
        ) as is_unlisted_country
    from addresses
    left join contact_places on addresses.document_id = contact_places.document_id

),

aliases as (

    select
        {{ city_key('spelling') }} as spelling_key,
        country_code,
        coalesce(zip_prefix, '') as zip_prefix,
        city
    from {{ ref('city_aliases') }}

),

-- the alias with the longest matching postcode wins: Frankfurt 15... lies on the Oder, Frankfurt 60... on the Main.
-- Where no country is stated, an alias tells it too, if the postcode can be one of that country.
resolved as (

    select
        chain.document_id,
        chain.document_date,
        chain.city_source,
        chain.zip,
        coalesce(chain.city, 'Unknown') as spelling,
        aliases.city as alias_city,
        {{ city_key("coalesce(aliases.city, chain.city, 'Unknown')") }} as city_key,
        coalesce(
            chain.stated_country_code,
            aliases.country_code,
            case when {{ may_lie_at_home }} then '{{ var("home_country") }}' end,
            'ZZ'
        ) as country_code,
        case
            when chain.stated_country_code is not null then chain.stated_country_source
            when aliases.country_code <> '{{ var("home_country") }}' then 'city'
            when {{ may_lie_at_home }} then 'home country'
            when aliases.country_code is not null then 'city'
            else 'unknown'
        end as country_source
    from chain
    left join aliases
        on
            {{ city_key('chain.city') }} = aliases.spelling_key
            and coalesce(chain.stated_country_code, aliases.country_code) = aliases.country_code
            and (chain.stated_country_code is not null or {{ postcode_fits('chain.zip', 'aliases.country_code') }})
            and left(coalesce(chain.zip, ''), length(aliases.zip_prefix)) = aliases.zip_prefix
    qualify row_number() over (
        partition by chain.document_id
        order by
            length(aliases.zip_prefix) desc nulls last,
            case when aliases.country_code = '{{ var("home_country") }}' then 0 else 1 end,
            aliases.country_code,
            aliases.city
    ) = 1

),

country_names as (

    select
        country_code,
        max(country_name) as country_name
    from {{ ref('int_countries') }}
    group by country_code

),

-- what a city is called: its alias, else the spelling used most often, else the one used last
names as (

    select
        country_code,
        city_key,
        coalesce(alias_city, spelling) as city
    from resolved
    group by country_code, city_key, coalesce(alias_city, spelling)
    qualify row_number() over (
        partition by country_code, city_key
        order by
            max(case when alias_city is not null then 1 else 0 end) desc,
            count(*) desc,
            max(document_date) desc,
            coalesce(alias_city, spelling)
    ) = 1

)

select
    resolved.document_id,
    names.city,
    resolved.city_source,
    resolved.zip,
    resolved.country_code,
    coalesce(
        country_names.country_name,
        case when resolved.country_code = 'ZZ' then 'Unknown' else resolved.country_code end
    ) as country_name,
    resolved.country_source
from resolved
inner join names on resolved.country_code = names.country_code and resolved.city_key = names.city_key
left join country_names on resolved.country_code = country_names.country_code
