{# Rows can be told apart by these columns: no two have the same values in all of them, and none of them is empty but
   those in `nullable` (two empty values are the same value). Nor is a column in `required` ever empty. Give the test a
   `name` when it has more than `columns`: dbt makes one of all its arguments, or a hash of them. #}
{% test has_key(model, columns, required=[], nullable=[]) %}

select
    {{ columns | join(', ') }},
    {% for column in columns -%}
        {{ "|| ' / ' || " if not loop.first }}coalesce(cast({{ column }} as varchar), '(empty)')
    {% endfor -%}
    || case when count(*) > 1 then ' in ' || cast(count(*) as varchar) || ' rows' else '' end
    {% for column in required -%}
        || case when count({{ column }}) < count(*) then ' without {{ column }}' else '' end
    {% endfor -%}
    as sentence
from {{ model }}
group by {{ columns | join(', ') }}
having
    count(*) > 1
    {% for column in columns if column not in nullable -%}
        or {{ column }} is null
    {% endfor -%}
    {% for column in required -%}
        or count({{ column }}) < count(*)
    {% endfor %}

{% endtest %}

{# No row lacks a value in any of these columns. For what has no key: has_key says the same of what has one. #}
{% test never_null(model, columns) %}

select {{ columns | join(', ') }}
from {{ model }}
where {{ columns | join(' is null or ') }} is null

{% endtest %}
