{% if is_loaded(source('ecb', 'exchange_rates')) -%}
    with rates as (

        select
            try_cast(left(cast(rate_date as varchar), 10) as date) as rate_date,
            upper({{ words('currency') }}) as currency,
            {{ decimal_below('cast(rate as varchar)', 1000000000, 8) }} as rate,
            _sdc_extracted_at as read_at
        from {{ source('ecb', 'exchange_rates') }}

    )

    select
        rate_date,
        currency,
        rate
    from rates
    -- nothing is converted at a rate that is empty or no positive number; the last one before it holds
    where rate > 0
    qualify row_number() over (partition by rate_date, currency order by read_at desc nulls last) = 1
{%- else -%}
    -- nothing has been loaded yet: foreign documents without a booked amount are in question until it is
    select
        cast(null as date) as rate_date,
        cast(null as varchar) as currency,
        cast(null as numeric(38, 8)) as rate
    where false
{%- endif %}
