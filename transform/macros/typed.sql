{# The API sends nearly everything as text. What cannot be read becomes NULL; int_documents sets aside
   a document that counts and lacks a value for it. #}

{# Amounts: exact decimals with two places, never binary fractions. An amount of 14 digits before the point is ordinary;
   a longer one is no amount, and sums and products of ordinary ones never reach the 38 digits that the databases hold. #}
{% macro amount(column) -%}
    {{ decimal_below(column, unreadable_from(), 2) }}
{%- endmacro %}

{# Whether one of these columns holds something that is no amount, or cannot be read otherwise; empty is nothing. #}
{% macro is_unreadable(columns, read=amount) -%}
    (
        {% for column in columns -%}
            {{ 'or ' if not loop.first }}({{ words(column) }} is not null and {{ read(column) }} is null)
        {% endfor -%}
    )
{%- endmacro %}

{% macro unreadable_from() -%}
    100000000000000
{%- endmacro %}

{# DuckDB takes 1_000 for a thousand, Snowflake for no number. #}
{% macro decimal_below(column, limit, places) -%}
    case
        when abs(try_cast({{ column }} as numeric(38, {{ places }}))) < {{ limit }} and position('_' in {{ column }}) = 0
            then try_cast({{ column }} as numeric(38, {{ places }}))
    end
{%- endmacro %}

{# How much or many, and the price of one: six places, and bounds within which the two can still be multiplied. #}
{% macro quantity(column) -%}
    {{ decimal_below(column, 100000000000, 6) }}
{%- endmacro %}

{% macro unit_price(column) -%}
    {{ decimal_below(column, unreadable_from(), 6) }}
{%- endmacro %}

{# Business dates: the literal calendar date of the time stamp. `2024-04-08T00:00:00+02:00` is the 8th of April, although
   it is the 7th in UTC; converting it would move invoices of the first of a month into the month before.
   Only as year-month-day, as Snowflake reads other notations, too; years from 1900 to 2200. #}
{% macro civil_date(column) -%}
    case
        when {{ column }} like '____-__-__%' and left({{ column }}, 4) between '1900' and '2200'
            then try_cast(left({{ column }}, 10) as date)
    end
{%- endmacro %}

{# Days allowed for payment: none if they are not stated; at most a hundred years, so that a due date exists. #}
{% macro payment_term(column) -%}
    cast(greatest(0, least(coalesce(try_cast({{ column }} as numeric(38, 0)), 0), 36500)) as integer)
{%- endmacro %}

{# Text without blanks around it; empty is NULL. #}
{% macro words(column) -%}
    nullif(trim({{ column }}), '')
{%- endmacro %}
