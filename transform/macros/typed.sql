{# The API sends nearly everything as text. What cannot be read becomes NULL, which a not_null test on the column reports. #}

{# Amounts: exact decimals with two places, never binary fractions. #}
{% macro amount(column) -%}
    try_cast({{ column }} as numeric(18, 2))
{%- endmacro %}

{# Business dates: the literal calendar date of the time stamp. `2024-04-08T00:00:00+02:00` is the 8th of April, although
   it is the 7th in UTC; converting it would move invoices of the first of a month into the month before. #}
{% macro civil_date(column) -%}
    try_cast(left({{ column }}, 10) as date)
{%- endmacro %}

{# Text without blanks around it; empty is NULL. #}
{% macro words(column) -%}
    nullif(trim({{ column }}), '')
{%- endmacro %}

{# A quotient rounded half up to the cent. Ten places first: where division is done in binary fractions (DuckDB), an exact
   half cent would else fall either way. #}
{% macro to_cents(quotient) -%}
    cast(cast({{ quotient }} as numeric(28, 10)) as numeric(18, 2))
{%- endmacro %}
