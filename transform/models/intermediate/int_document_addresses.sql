-- Postcode, city and country as the document itself states them: in its fields, else in the free text of its address.
-- One row per counted document. The country may stand before the postcode (CH-8001) or in a line of its own.
with documents as (

    select
        documents.document_id,
        documents.contact_id,
        documents.document_date,
        documents.address_text,
        coalesce(
            {{ place_in('documents.address_city', 'city') }},
            {{ city_name('documents.address_city') }}
        ) as city,
        coalesce(documents.address_zip, {{ place_in('documents.address_city', 'zip') }}) as written_zip,
        countries.country_code,
        {{ is_unlisted_country('documents.address_country_id', 'countries.country_code') }} as is_unlisted_country
    from {{ ref('int_documents') }} as documents
    left join {{ ref('int_countries') }} as countries on documents.address_country_id = countries.country_id
    where documents.exclusion_reason is null

),

line_numbers as (

    {% for number in range(1, 13) -%}
        select {{ number }} as line_number{{ ' union all' if not loop.last }}
    {% endfor %}

),

address_lines as (

    select
        documents.document_id,
        line_numbers.line_number,
        split_part(
            {{ line_breaks('documents.address_text') }},
            chr(10),
            line_numbers.line_number
        ) as written_line
    from documents
    cross join line_numbers
    where documents.address_text is not null and (documents.city is null or documents.country_code is null)

),

tidy_lines as (

    select
        document_id,
        line_number,
        {{ tidy('written_line') }} as address_line
    from address_lines

),

read_lines as (

    select
        document_id,
        line_number,
        address_line,
        {{ place_in('address_line', 'zip') }} as written_zip,
        {{ place_in('address_line', 'city') }} as city,
        {{ place_in('address_line', 'form') }} as form,
        nullif({{ place_in('address_line', 'rest') }}, '') as rest
    from tidy_lines
    where address_line is not null

),

-- the last line that reads like a place; the first one only if there is no other, as a name may begin with a number,
-- and likewise one with a number between words (form 3): it may be that of a customer or a register
places_in_text as (

    select
        document_id,
        written_zip,
        city
    from read_lines
    where city is not null
    qualify row_number() over (
        partition by document_id
        order by case when line_number = 1 or form = 3 then 1 else 0 end, line_number desc
    ) = 1

),

country_spellings as (

    select
        {{ city_key('spelling') }} as spelling_key,
        country_code
    from {{ ref('country_names') }}

    union all

    select
        {{ city_key('country_name') }} as spelling_key,
        country_code
    from {{ ref('int_countries') }}

),

countries_in_text as (

    select
        read_lines.document_id,
        spellings.country_code
    from read_lines
    inner join country_spellings as spellings
        on {{ city_key('coalesce(read_lines.rest, read_lines.address_line)') }} = spellings.spelling_key
    where read_lines.line_number > 1 or read_lines.rest is not null
    qualify row_number() over (partition by read_lines.document_id order by read_lines.line_number desc) = 1

),

stated as (

    select
        documents.document_id,
        documents.contact_id,
        documents.document_date,
        documents.country_code as own_country_code,
        documents.is_unlisted_country,
        countries_in_text.country_code as text_country_code,
        coalesce(documents.city, places_in_text.city) as city,
        case
            when documents.city is not null then documents.written_zip
            else places_in_text.written_zip
        end as written_zip,
        case
            when documents.city is not null then 'document'
            when places_in_text.city is not null then 'address text'
        end as city_source
    from documents
    left join places_in_text on documents.document_id = places_in_text.document_id
    left join countries_in_text on documents.document_id = countries_in_text.document_id

)

select
    document_id,
    contact_id,
    document_date,
    {{ bare_postcode('written_zip') }} as zip,
    city,
    {{ city_key('city') }} as city_key,
    city_source,
    coalesce(own_country_code, {{ country_before('written_zip') }}, text_country_code) as country_code,
    case
        when own_country_code is not null then 'document'
        when coalesce({{ country_before('written_zip') }}, text_country_code) is not null then 'address text'
    end as country_source,
    is_unlisted_country
from stated
