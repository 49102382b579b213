{# The columns of a model by its description, which has all of them (a test sees to it). #}
{% macro columns_of(model) -%}
    {% set found = graph.nodes.values() | selectattr('name', 'equalto', model) | first if execute -%}
    {{ return(found.columns.keys() | list if found else ['null']) }}
{%- endmacro %}

{# The rows of several models under each other: the model's name and the row as JSON, in which every value is text.
   So one query brings all that the page needs, and no transport makes a float of an amount. #}
{% macro rows_of(names) -%}
    {% for name in names -%}
        select
            '{{ name }}' as part,
            {{ json_row(columns_of(name)) }} as content
        from {{ ref(name) }}
        {{ 'union all' if not loop.last }}
    {% endfor -%}
{%- endmacro %}

{# The streams of sevDesk that a model is made of, over all steps, in alphabetical order; none where dbt only parses. #}
{% macro streams_behind(model) -%}
    {% set nodes = graph.nodes.values() | list if execute else [] -%}
    {% set found = namespace(ids=(nodes | selectattr('name', 'equalto', model) | map(attribute='unique_id') | list)) -%}
    {% for _ in range(20) if execute -%}
        {% set parents = [] -%}
        {% for node in nodes if node.unique_id in found.ids -%}
            {% do parents.extend(node.depends_on.nodes | default([])) -%}
        {% endfor -%}
        {% set found.ids = (found.ids + parents) | unique | list -%}
    {% endfor -%}
    {% set sources = (graph.sources.values() | list if execute else []) | selectattr('unique_id', 'in', found.ids) -%}
    {% set streams = sources | selectattr('source_name', 'equalto', 'sevdesk') | map(attribute='name') | sort -%}
    {{ return(streams | reject('equalto', 'extractions') | list) }}
{%- endmacro %}
