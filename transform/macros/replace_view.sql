{#-
    DuckDB's views, replaced by one statement, as dbt does it on Snowflake. By itself dbt makes another view here,
    renames both and drops the old one.
-#}
{% materialization view, adapter='duckdb' %}
    {% set made = create_or_replace_view() %}
    {% do adapter.commit() %}
    {{ return(made) }}
{% endmaterialization %}

{% macro duckdb__create_view_as(relation, sql) %}
    {% if config.get('contract').enforced %}
        {{ get_assert_columns_equivalent(sql) }}
    {% endif %}
    create or replace view {{ relation }} as (
        {{ sql }}
    )
{% endmacro %}
