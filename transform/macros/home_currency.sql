{# The currency of the books. The columns of the marts say `_eur`, and the rates are units for one euro. #}
{% macro home_currency() -%}
    {% if var('home_currency') != 'EUR' -%}
        {{ exceptions.raise_compiler_error(
            "The books are kept in " ~ var('home_currency') ~ ", but this project states its figures in EUR only. "
            ~ "Remove the variable home_currency, or do not run it on this account."
        ) }}
    {%- endif -%}
    {{ return(var('home_currency')) }}
{%- endmacro %}
