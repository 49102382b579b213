{# The two places where DuckDB and Snowflake differ. Everything else is SQL that both run. #}

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

{# sevDesk's fields `create` and `update`: reserved words. Quoted upper case is Snowflake's stored name; DuckDB ignores case. #}
{% macro reserved(column) -%}
    "{{ column | upper }}"
{%- endmacro %}
