{# An amount of less than 10^15 as every line of a run's log writes it: 1,386,006.85. Both warehouses have functions for
   that, but not the same, and one of them makes a float of it. #}
{% macro amount_text(amount) -%}
    {%- set cents = 'cast(' ~ amount ~ ' as numeric(38, 2))' -%}
    {%- set digits = "lpad(cast(cast(trunc(abs(" ~ cents ~ ")) as numeric(38, 0)) as varchar), 15, '0')" -%}
    case when {{ cents }} < 0 then '-' else '' end
    || coalesce(nullif(ltrim(
        {%- for first in (1, 4, 7, 10, 13) %}
            substr({{ digits }}, {{ first }}, 3){{ " || ',' ||" if not loop.last }}
        {%- endfor %}, '0,'), ''), '0')
    || right(cast({{ cents }} as varchar), 3)
{%- endmacro %}
