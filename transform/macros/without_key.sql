{# The rows of a model that break its key, as sentences: those that have the same values in all of `columns` as another
   (two empty values are the same), those without one of them but for the ones in `nullable`, and those without one of
   `required`. Without `columns`: one row for all that lack something. For the rules tests/keys_of_*.sql. #}
{% macro without_key(model, columns=[], required=[], nullable=[]) -%}
    select
        '{{ model }}:'
        {% for column in columns -%}
            || {{ "' '" if loop.first else "' / '" }} || coalesce(cast({{ column }} as varchar), '(empty)')
        {% endfor -%}
        {% if columns -%}
            || case when count(*) > 1 then ' in ' || cast(count(*) as varchar) || ' rows' else '' end
        {% endif -%}
        {% for column in required -%}
            || case when count({{ column }}) < count(*) then ' without {{ column }}' else '' end
        {% endfor -%}
        as sentence
    from {{ ref(model) }}
    {% if columns -%}
    group by {{ columns | join(', ') }}
    {% endif -%}
    having
        {{ 'count(*) > 1' if columns else '1 = 0' }}
        {% for column in columns if column not in nullable -%}
            or {{ column }} is null
        {% endfor -%}
        {% for column in required -%}
            or count({{ column }}) < count(*)
        {% endfor %}
{%- endmacro %}
