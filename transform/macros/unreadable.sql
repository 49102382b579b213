{# The branches of a case: why a document cannot be read, the first reason that applies. `amounts`: which of its sums
   must be there. #}
{% macro cannot_be_read(amounts=['net', 'tax', 'gross']) -%}
    when {{ words('date_sent') }} is null then 'date_missing'
    when document_date is null then 'date_unreadable'
    when {% for amount in amounts %}{{ words(amount ~ '_sent') }} is null{{ ' or ' if not loop.last }}{% endfor %}
        then 'amount_missing'
    when {% for amount in amounts %}sum_{{ amount }} is null{{ ' or ' if not loop.last }}{% endfor %}
        then 'amount_unreadable'
    when has_unreadable_foreign_amount then 'foreign_amount_unreadable'
{%- endmacro %}

{# Likewise: why what can be read cannot be converted. #}
{% macro cannot_be_converted() -%}
    -- amounts that sevDesk converted may differ by more than a cent
    when
        (fx_source <> 'sevdesk' or sum_gross_foreign_currency = 0)
        and abs(sum_net + sum_tax - sum_gross) > 0.01 then 'sums_disagree'
    -- all that is known of such a document are its sums in its own currency
    when
        is_booked_at_nothing
        and abs(
            sum_net_foreign_currency + sum_tax_foreign_currency - sum_gross_foreign_currency
        ) > 0.01 then 'foreign_sums_disagree'
    when fx_source = 'missing' then 'exchange_rate_missing'
{%- endmacro %}
