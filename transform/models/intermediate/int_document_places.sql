-- City and country of every counted document, and where they were found.
with documents as (

    select
        document_id,
        contact_id,
        document_date,
        address_text,
        address_zip,
        address_city,
        address_country_id
    from {{ ref('int_documents') }}
    where exclusion_reason is null

),

line_numbers as (

    {% for number in range(1, 13) -%}
        select {{ number }} as line_number{{ ' union all' if not loop.last }}
    {% endfor %}

),

-- documents without a city: the last line of the address that reads like "12345 Ort", "D-12345 Ort" or "00-001 Ort"
address_lines as (

    select
        documents.document_id,
        line_numbers.line_number,
        {{ tidy("split_part(
            replace(replace(replace(replace(documents.address_text, '<br />', chr(10)), '<br/>', chr(10)), '<br>', chr(10)), chr(13), chr(10)),
            chr(10),
            line_numbers.line_number
        )") }} as address_line
    from documents
    cross join line_numbers
    where documents.address_city is null and documents.address_text is not null

),

first_words as (

    select
        document_id,
        line_number,
        split_part(address_line, ' ', 1) as first_word,
        translate(upper(split_part(address_line, ' ', 1)), 'ABCDEFGHIJKLMNOPQRSTUVWXYZ-', '') as digits,
        trim(substr(address_line, length(split_part(address_line, ' ', 1)) + 1)) as rest
    from address_lines
    where address_line is not null

),

cities_in_text as (

    select
        document_id,
        digits as zip,
        rest as city
    from first_words
    where
        length(digits) between 4 and 5
        and translate(digits, '0123456789', '') = ''
        and length(first_word) - length(digits) <= 3
        and rest <> ''
    qualify row_number() over (partition by document_id order by line_number desc) = 1

),

-- one address of each contact: a living one before a deleted one, one with a city, the one entered first
contact_places as (

    select
        contact_id,
        zip,
        city,
        country_id
    from {{ ref('contact_addresses_stg') }}
    where contact_id is not null and (city is not null or country_id is not null)
    qualify row_number() over (
        partition by contact_id
        order by
            case when is_deleted then 1 else 0 end,
            case when city is null then 1 else 0 end,
            length(contact_address_id),
            contact_address_id
    ) = 1

),

chain as (

    select
        documents.document_id,
        documents.document_date,
        case
            when documents.address_city is not null then 'document'
            when cities_in_text.city is not null then 'address text'
            when contact_places.city is not null then 'contact'
            else 'unknown'
        end as city_source,
        case
            when documents.address_city is not null then documents.address_zip
            when cities_in_text.city is not null then cities_in_text.zip
            when contact_places.city is not null then contact_places.zip
        end as zip,
        coalesce(documents.address_city, cities_in_text.city, contact_places.city, 'Unknown') as spelling,
        coalesce(countries.country_code, contact_countries.country_code, 'ZZ') as country_code,
        coalesce(countries.country_name, contact_countries.country_name, 'Unknown') as country_name
    from documents
    left join cities_in_text on documents.document_id = cities_in_text.document_id
    left join contact_places on documents.contact_id = contact_places.contact_id
    left join {{ ref('static_countries_stg') }} as countries
        on documents.address_country_id = countries.country_id
    left join {{ ref('static_countries_stg') }} as contact_countries
        on contact_places.country_id = contact_countries.country_id

),

keyed as (

    select
        *,
        {{ city_key('spelling') }} as spelling_key
    from chain

),

aliases as (

    select
        {{ city_key('spelling') }} as spelling_key,
        country_code,
        coalesce(zip_prefix, '') as zip_prefix,
        city
    from {{ ref('city_aliases') }}

),

-- the alias with the longest matching postcode wins: Frankfurt 15... lies on the Oder, Frankfurt 60... on the Main
resolved as (

    select
        keyed.document_id,
        keyed.document_date,
        keyed.city_source,
        keyed.zip,
        keyed.spelling,
        keyed.country_code,
        keyed.country_name,
        aliases.city as alias_city,
        {{ city_key('coalesce(aliases.city, keyed.spelling)') }} as city_key
    from keyed
    left join aliases
        on
            keyed.spelling_key = aliases.spelling_key
            and keyed.country_code = aliases.country_code
            and left(coalesce(keyed.zip, ''), length(aliases.zip_prefix)) = aliases.zip_prefix
    qualify row_number() over (
        partition by keyed.document_id order by length(aliases.zip_prefix) desc nulls last
    ) = 1

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
    resolved.country_name
from resolved
inner join names on resolved.country_code = names.country_code and resolved.city_key = names.city_key
