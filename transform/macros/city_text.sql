{# Free text made comparable: no-break spaces, tabs and repeated blanks become one blank; empty is NULL.
   No regular expressions: replacing all matches and escaping are spelled differently in every dialect. #}
{% macro tidy(column) -%}
    nullif(trim(replace(replace(replace(
        replace(replace({{ column }}, chr(160), ' '), chr(9), ' '),
        ' ', '<>'
    ), '><', ''), '<>', ' ')), '')
{%- endmacro %}

{# The key by which two spellings are the same city: case and German umlauts folded (ü = ue), in the key only. #}
{% macro city_key(column) -%}
    replace(replace(replace(replace(lower({{ tidy(column) }}), 'ä', 'ae'), 'ö', 'oe'), 'ü', 'ue'), 'ß', 'ss')
{%- endmacro %}
