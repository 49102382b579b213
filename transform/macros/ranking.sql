{# Totals of invoices_summary by some of its columns, with shares and places. Four marts are this query.
   `within`: columns inside which shares and overall places are counted (the year), `keys`: what is ranked. #}
{% macro ranking(keys, within=[], rank_in_country=false) -%}
{% set partition = 'partition by ' ~ within | join(', ') ~ ' ' if within else '' -%}
with totals as (

    select
        {% for column in within + keys -%}
            {{ column }},
        {% endfor -%}
        max(country_name) as country_name,
        count(*) as document_count,
        cast(sum(net_eur) as numeric(38, 2)) as total_net_eur,
        cast(sum(gross_eur) as numeric(38, 2)) as total_gross_eur,
        max(data_as_of) as data_as_of
    from {{ ref('invoices_summary') }}
    group by {{ (within + keys) | join(', ') }}

)

select
    {% for column in within + keys -%}
        {{ column }},
    {% endfor -%}
    country_name,
    document_count,
    total_net_eur,
    total_gross_eur,
    {{ share_pct('total_net_eur', 'sum(total_net_eur) over (' ~ partition | trim ~ ')') }} as share_pct,
    rank() over ({{ partition }}order by total_net_eur desc) as rank_overall,
    rank() over ({{ partition }}order by total_gross_eur desc) as rank_overall_gross,
    {% if 'invoice_year' in within -%}
        {{ is_before_start("cast(cast(invoice_year as varchar) || '-01-01' as date)") }} as is_partial_year,
    {% endif -%}
    {% if rank_in_country -%}
        rank() over (
            partition by {{ (within + ['country_code']) | join(', ') }}
            order by total_net_eur desc
        ) as rank_in_country,
    {% endif -%}
    data_as_of
from totals
{%- endmacro %}
