{# The places where DuckDB and Snowflake differ. Everything else is SQL that both run. #}

{# Text of one key of a reference such as {"id": "5", "objectName": "Contact"}.
   Snowflake's path syntax must never reach DuckDB: there `contact:id` is a prefix alias and silently yields the wrong column. #}
{% macro json_text(column, key) -%}
    {{ return(adapter.dispatch('json_text')(column, key)) }}
{%- endmacro %}

{% macro default__json_text(column, key) -%}
    json_extract_string({{ column }}, '{{ key }}')
{%- endmacro %}

{% macro snowflake__json_text(column, key) -%}
    {{ column }}:{{ key }}::varchar
{%- endmacro %}

{# How often one whole number goes into another; neither is negative. `/` is a binary fraction in DuckDB and rounded to six
   places in Snowflake. #}
{% macro whole_quotient(dividend, divisor) -%}
    {{ return(adapter.dispatch('whole_quotient')(dividend, divisor)) }}
{%- endmacro %}

{% macro default__whole_quotient(dividend, divisor) -%}
    cast({{ dividend }} as hugeint) // cast({{ divisor }} as hugeint)
{%- endmacro %}

{% macro snowflake__whole_quotient(dividend, divisor) -%}
    (({{ dividend }}) - mod({{ dividend }}, {{ divisor }})) / ({{ divisor }})
{%- endmacro %}

{# sevDesk's fields `create` and `update`: reserved words. Quoted upper case is Snowflake's stored name; DuckDB ignores case. #}
{% macro reserved(column) -%}
    "{{ column | upper }}"
{%- endmacro %}

{# One row as JSON, every value as text, for whoever must not make a float of it. Snowflake leaves out what is null. #}
{% macro json_row(columns) -%}
    {{ return(adapter.dispatch('json_row')(columns)) }}
{%- endmacro %}

{% macro default__json_row(columns) -%}
    cast(json_object(
        {%- for column in columns %}'{{ column }}', cast({{ column }} as varchar){{ ', ' if not loop.last }}{% endfor -%}
    ) as varchar)
{%- endmacro %}

{% macro snowflake__json_row(columns) -%}
    cast(to_json(object_construct_keep_null(
        {%- for column in columns %}'{{ column }}', cast({{ column }} as varchar){{ ', ' if not loop.last }}{% endfor -%}
    )) as varchar)
{%- endmacro %}

{# One element of a JSON list, by its place from 0; NULL if there is none. #}
{% macro json_item(column, place) -%}
    {{ return(adapter.dispatch('json_item')(column, place)) }}
{%- endmacro %}

{% macro default__json_item(column, place) -%}
    json_extract({{ column }}, '$[' || {{ place }} || ']')
{%- endmacro %}

{% macro snowflake__json_item(column, place) -%}
    get({{ column }}, {{ place }})
{%- endmacro %}

{# The calendar day in Germany of a moment, whatever the time zone of the session that asks. #}
{% macro day_in_germany(moment) -%}
    {{ return(adapter.dispatch('day_in_germany')(moment)) }}
{%- endmacro %}

{% macro default__day_in_germany(moment) -%}
    cast(timezone('Europe/Berlin', {{ moment }}) as date)
{%- endmacro %}

{% macro snowflake__day_in_germany(moment) -%}
    to_date(convert_timezone('Europe/Berlin', {{ moment }}))
{%- endmacro %}
