{# A quotient of two decimals, rounded half away from zero to `places`; NULL where the denominator is zero.
   Counted in whole numbers: DuckDB divides decimals as binary fractions and Snowflake limits the places of a quotient,
   so that `/` gives two answers in the last place.
   `numerator_places`, `denominator_places`: how many decimal places the two have at most. `factor`: what the numerator
   is multiplied by; a product of two decimals would need as many digits again for their places. #}
{% macro quotient(
    numerator, denominator, numerator_places, denominator_places, places, factor=none, factor_places=0
) -%}
    {# n * f / d with `places` is N * F * 10^shift / D in whole numbers; (2NF + D) div 2D rounds it #}
    {% set shift = denominator_places + places - numerator_places - factor_places -%}
    {% set dividend -%}
        {{ whole_number(numerator, numerator_places) }}
        {%- if factor %} * {{ whole_number(factor, factor_places) }}{% endif %} * 1{{ '0' * ([shift, 0] | max) }}
    {%- endset -%}
    {% set divisor -%}
        {{ whole_number(denominator, denominator_places) }} * 1{{ '0' * ([-shift, 0] | max) }}
    {%- endset -%}
    cast(
        case when ({{ numerator }} < 0) = ({{ denominator }} < 0) then 1 else -1 end
        {%- if factor %} * case when {{ factor }} < 0 then -1 else 1 end{% endif %}
        * cast({{ whole_quotient('2 * ' ~ dividend ~ ' + ' ~ divisor, '2 * nullif(' ~ divisor ~ ', 0)') }} as numeric(38, 0))
        * 0.{{ '0' * (places - 1) }}1
        as numeric(38, {{ places }})
    )
{%- endmacro %}

{# A decimal without its sign and its point. #}
{% macro whole_number(decimal, places) -%}
    cast(abs({{ decimal }}) * 1{{ '0' * places }} as numeric(38, 0))
{%- endmacro %}

{# An amount in a foreign currency, in home currency to the cent. `rate`: units of the currency for one unit of home. #}
{% macro converted(amount, rate) -%}
    {{ quotient(amount, rate, numerator_places=2, denominator_places=8, places=2) }}
{%- endmacro %}

{# Percent of a total, two places. #}
{% macro share_pct(part, whole) -%}
    {{ quotient('100 * ' ~ part, whole, numerator_places=2, denominator_places=2, places=2) }}
{%- endmacro %}
