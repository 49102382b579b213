with cities as (

    select
        country_code,
        max(country_name) as country_name,
        city,
        count(*) as document_count,
        cast(sum(net_eur) as numeric(18, 2)) as total_net_eur,
        cast(sum(gross_eur) as numeric(18, 2)) as total_gross_eur,
        max(data_as_of) as data_as_of
    from {{ ref('invoices_summary') }}
    group by country_code, city

)

select
    country_code,
    country_name,
    city,
    document_count,
    total_net_eur,
    total_gross_eur,
    cast(100 * total_net_eur / nullif(sum(total_net_eur) over (), 0) as numeric(18, 2)) as share_pct,
    rank() over (order by total_net_eur desc) as rank_overall,
    rank() over (order by total_gross_eur desc) as rank_overall_gross,
    rank() over (partition by country_code order by total_net_eur desc) as rank_in_country,
    data_as_of
from cities
