{# The sums of some columns equal the sums of another model's, to the cent. `columns`: this model's to the other's. #}
{% test same_totals(model, other, columns) %}

with here as (

    select
        {% for column in columns -%}
            cast(coalesce(sum({{ column }}), 0) as numeric(38, 2)) as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ model }}

),

there as (

    select
        {% for column, other_column in columns.items() -%}
            cast(coalesce(sum({{ other_column }}), 0) as numeric(38, 2)) as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ other }}

)

select
    {% for column in columns -%}
        here.{{ column }},
        there.{{ column }} as expected_{{ column }}{{ ',' if not loop.last }}
    {% endfor %}
from here
cross join there
where
    {% for column in columns -%}
        {{ 'or ' if not loop.first }}here.{{ column }} <> there.{{ column }}
    {% endfor %}

{% endtest %}

{# Net plus tax is gross, but for a cent of rounding. #}
{% test adds_up(model, net, tax, gross) %}

select * from {{ model }} where abs({{ net }} + {{ tax }} - {{ gross }}) > 0.01

{% endtest %}
