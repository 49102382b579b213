{# The sum of a column equals the sum of another model's column, to the cent. #}
{% test same_total(model, column, other, other_column) %}

with totals as (

    select
        (select cast(coalesce(sum({{ column }}), 0) as numeric(18, 2)) from {{ model }}) as here,
        (select cast(coalesce(sum({{ other_column }}), 0) as numeric(18, 2)) from {{ other }}) as there

)

select * from totals where here <> there

{% endtest %}

{# Net plus tax is gross, but for a cent of rounding. #}
{% test adds_up(model, net, tax, gross) %}

select * from {{ model }} where abs({{ net }} + {{ tax }} - {{ gross }}) > 0.01

{% endtest %}
