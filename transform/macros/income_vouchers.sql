{# Vouchers that book income: no drafts, recurring templates or expenses. `question_code`: why one is set aside although it
   would be listed; the reason in words is made in int_documents_in_question. #}
{% macro income_vouchers() -%}
    select
        *,
        case
            when credit_debit is null or credit_debit not in ('C', 'D') then 'unknown_direction'
            when coalesce(status, '') not in ('100', '150', '750', '1000') then 'unknown_status'
            when voucher_date is null and {{ words('date_sent') }} is null then 'date_missing'
            when voucher_date is null then 'date_unreadable'
            when {{ words('net_sent') }} is null and sum_net is null then 'amount_missing'
            when {{ words('tax_sent') }} is null and sum_tax is null then 'amount_missing'
            when {{ words('gross_sent') }} is null and sum_gross is null then 'amount_missing'
            when sum_net is null or sum_tax is null or sum_gross is null then 'amount_unreadable'
            when abs(sum_net + sum_tax - sum_gross) > 0.01 and coalesce(upper({{ words('currency_sent') }}), 'EUR') = 'EUR' then 'sums_disagree'
        end as question_code
    from {{ ref('vouchers_stg') }}
    where
        not is_deleted and coalesce(credit_debit, '') <> 'C' and coalesce(voucher_type, 'VOU') <> 'RV'
        and coalesce(status, '') <> '50'
{%- endmacro %}
