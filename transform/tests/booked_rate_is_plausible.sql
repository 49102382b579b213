-- Foreign documents whose booked amount implies a rate more than 5 % away from the rate of the day: a sign that the
-- amounts are not what we take them for. A cent is rounding.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'int_document_amounts'}}}) }}

with booked as (

    select
        documents.document_id,
        documents.number,
        documents.currency,
        documents.document_date,
        documents.sum_gross,
        documents.sum_gross_foreign_currency,
        rates.rate
    from {{ ref('int_documents') }} as documents
    inner join {{ ref('int_document_amounts') }} as amounts on documents.document_id = amounts.document_id
    inner join {{ ref('exchange_rates_stg') }} as rates
        on
            documents.currency = rates.currency
            and documents.document_date >= rates.rate_date
            and documents.document_date < cast({{ dbt.dateadd('day', 92, 'rates.rate_date') }} as date)
    where amounts.fx_source = 'sevdesk' and documents.exclusion_reason is null and documents.sum_gross <> 0
    qualify row_number() over (partition by documents.document_id order by rates.rate_date desc) = 1

)

select * from booked
where abs({{ converted('sum_gross_foreign_currency', 'rate') }} - sum_gross) > 0.05 * abs(sum_gross) + 0.01
