{# At most so many percent of the rows have this value. #}
{% test mostly_not(model, column_name, value, percent) %}

with counts as (

    select
        count(*) as all_rows,
        sum(case when {{ column_name }} = '{{ value }}' then 1 else 0 end) as such_rows
    from {{ model }}

)

select * from counts where such_rows * 100 > all_rows * {{ percent }}

{% endtest %}
