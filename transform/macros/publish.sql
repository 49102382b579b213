{# What people see changes at one point: when int_release is built, so when every rule on everything that is to be shown
   holds. The tables of models/published are replaced then, and the marts are views over them. #}
{% macro publish(candidate) -%}
    -- depends_on: {{ ref('int_release') }}
    select * from {{ ref(candidate) }}
{%- endmacro %}
