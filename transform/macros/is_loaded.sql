{# Whether a table of another loader is there. Where dbt only compiles and does not look, it is. #}
{% macro is_loaded(relation) -%}
    {% set looks = execute and flags.WHICH in ('build', 'run', 'test') -%}
    {{ return((not looks) or load_relation(relation) is not none) }}
{%- endmacro %}
