{# A sentence for each model whose sums are not those of `other`, to the cent. `columns`: this model's to the other's.
   For the rule tests/totals_of_marts.sql. #}
{% macro differing_totals(model, other, columns) -%}
    select
        '{{ model }}: '
        {% for column, other_column in columns.items() -%}
            || case
                when here.{{ column }} <> there.{{ column }}
                    then '{{ column }} is ' || cast(here.{{ column }} as varchar)
                        || ', {{ other_column }} of {{ other }} ' || cast(there.{{ column }} as varchar) || ' '
                else ''
            end
        {% endfor -%}
        as sentence
    from ({{ total(model, columns.items()) }}) as here
    cross join ({{ total(other, columns.items(), there=true) }}) as there
    where
        {% for column in columns -%}
            {{ 'or ' if not loop.first }}here.{{ column }} <> there.{{ column }}
        {% endfor %}
{%- endmacro %}

{% macro total(model, columns, there=false) -%}
    select
        {% for column, other_column in columns -%}
            cast(coalesce(sum({{ other_column if there else column }}), 0) as numeric(38, 2)) as {{ column }}
            {{- ',' if not loop.last }}
        {% endfor %}
    from {{ ref(model) }}
{%- endmacro %}
