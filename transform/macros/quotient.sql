{# A quotient of two decimals, rounded half away from zero to `places`; NULL where the denominator is zero.
   Counted in whole numbers: DuckDB divides decimals as binary fractions and Snowflake limits the places of a quotient,
   so that `/` gives two answers in the last place.
   `numerator_places`, `denominator_places`: how many decimal places the two have at most. #}
{% macro quotient(numerator, denominator, numerator_places, denominator_places, places) -%}
    {# n / d with `places` is N * 10^shift / D in whole numbers; (2N + D) div 2D rounds it #}
    {% set shift = denominator_places + places - numerator_places -%}
    {% set dividend -%}
        cast(abs({{ numerator }}) * 1{{ '0' * numerator_places }} as numeric(38, 0)) * 1{{ '0' * ([shift, 0] | max) }}
    {%- endset -%}
    {% set divisor -%}
        cast(abs({{ denominator }}) * 1{{ '0' * denominator_places }} as numeric(38, 0)) * 1{{ '0' * ([-shift, 0] | max) }}
    {%- endset -%}
    cast(
        case when ({{ numerator }} < 0) = ({{ denominator }} < 0) then 1 else -1 end
        * cast({{ whole_quotient('2 * ' ~ dividend ~ ' + ' ~ divisor, '2 * nullif(' ~ divisor ~ ', 0)') }} as numeric(38, 0))
        * 0.{{ '0' * (places - 1) }}1
        as numeric(38, {{ places }})
    )
{%- endmacro %}

{# An amount in a foreign currency, in home currency to the cent. `rate`: units of the currency for one unit of home. #}
{% macro converted(amount, rate) -%}
    {{ quotient(amount, rate, numerator_places=2, denominator_places=8, places=2) }}
{%- endmacro %}

{# Percent of a total, two places. #}
{% macro share_pct(part, whole) -%}
    {{ quotient('100 * ' ~ part, whole, numerator_places=2, denominator_places=2, places=2) }}
{%- endmacro %}
