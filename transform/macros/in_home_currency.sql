{# Amounts of documents in home currency, signed as sevDesk delivered them, and where the exchange rate came from: booked
   ones first, else by the rate of the day. `documents` is a relation of invoices and credit notes, or of vouchers. #}
{% macro in_home_currency(documents) -%}
with listed as (

    select
        *,
        currency <> '{{ home_currency() }}' and sum_net = 0 and sum_gross = 0
        and (sum_net_foreign_currency <> 0 or sum_tax_foreign_currency <> 0 or sum_gross_foreign_currency <> 0)
            as is_booked_at_nothing
    from {{ documents }}

),

documents as (

    select
        *,
        case
            when currency = '{{ home_currency() }}' then 'home'
            when is_booked_at_nothing then null
            -- sums in both currencies: sum* is what the accountant booked
            when sum_gross_foreign_currency <> 0 and sum_gross_foreign_currency <> sum_gross then 'sevdesk'
            when sum_gross = 0 and (sum_net = 0 or sum_net_foreign_currency not in (0, sum_net)) then 'sevdesk'
        end as booked_by,
        case when is_booked_at_nothing then sum_net_foreign_currency else sum_net end as only_net,
        case when is_booked_at_nothing then sum_gross_foreign_currency else sum_gross end as only_gross
    from listed

),

-- only one sum: it is in the document's currency; the rate of that day or the last published before it
rates as (

    select
        documents.document_id,
        rates.rate_date,
        rates.rate
    from documents
    inner join {{ ref('exchange_rates_stg') }} as rates
        on
            documents.currency = rates.currency
            and documents.document_date >= rates.rate_date
            -- a currency that the ECB stopped publishing has no rate
            and documents.document_date < cast({{ dbt.dateadd('day', 92, 'rates.rate_date') }} as date)
    where documents.booked_by is null
    qualify row_number() over (partition by documents.document_id order by rates.rate_date desc) = 1

),

converted as (

    select
        documents.*,
        rates.rate_date as exchange_rate_date,
        rates.rate as exchange_rate,
        case
            when documents.booked_by is not null then documents.booked_by
            when rates.rate is not null then 'ecb'
            else 'missing'
        end as fx_source,
        case
            when documents.booked_by is not null then documents.sum_net
            else {{ converted('documents.only_net', 'rates.rate') }}
        end as listed_net,
        case
            when documents.booked_by is not null then documents.sum_gross
            else {{ converted('documents.only_gross', 'rates.rate') }}
        end as listed_gross,
        case
            when documents.booked_by is not null then documents.paid_amount
            else {{ converted('documents.paid_amount', 'rates.rate') }}
        end as listed_paid
    from documents
    left join rates on documents.document_id = rates.document_id

)

select
    document_id,
    fx_source,
    is_booked_at_nothing,
    exchange_rate_date,
    exchange_rate,
    listed_net,
    -- after conversion the tax is the difference, so that net + tax = gross still holds
    case
        when booked_by is not null then sum_tax
        else cast(listed_gross - listed_net as numeric(38, 2))
    end as listed_tax,
    listed_gross,
    listed_paid,
    case
        when booked_by = 'sevdesk' and sum_gross <> 0 then sum_gross_foreign_currency
        when booked_by is null then only_gross
        else sum_gross
    end as gross_document_currency
from converted
{%- endmacro %}
