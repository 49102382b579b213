{# Vouchers that book income: no drafts, recurring templates or expenses. `question_code`: why one is set aside although it
   would be listed; the reason in words is made in int_documents_in_question. #}
{% macro income_vouchers() -%}
    with income as (

        select
            *,
            'voucher-' || voucher_id as document_id,
            voucher_date as document_date
        from {{ ref('vouchers_stg') }}
        where
            not is_deleted and coalesce(credit_debit, '') <> 'C' and coalesce(voucher_type, 'VOU') <> 'RV'
            and coalesce(status, '') <> '50'

    ),

    amounts as (

        {{ in_home_currency('income') }}

    )

    select
        income.*,
        amounts.fx_source,
        amounts.listed_net,
        amounts.listed_tax,
        amounts.listed_gross,
        amounts.listed_paid,
        amounts.exchange_rate,
        case
            when income.credit_debit is null or income.credit_debit not in ('C', 'D') then 'unknown_direction'
            when coalesce(income.voucher_type, 'VOU') <> 'VOU' then 'unknown_type'
            when coalesce(income.status, '') not in ('100', '150', '750', '1000') then 'unknown_status'
            {{ cannot_be_read() }}
            when income.has_unreadable_paid_amount then 'paid_amount_unreadable'
            {{ cannot_be_converted() }}
        end as question_code
    from income
    inner join amounts on income.document_id = amounts.document_id
{%- endmacro %}
