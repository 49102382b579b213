-- Documents converted with a rate older than a week: tap-ecb has not brought newer ones.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'int_document_amounts'}}}) }}

select
    documents.document_id,
    documents.number,
    documents.currency,
    documents.document_date,
    amounts.exchange_rate_date
from {{ ref('int_documents') }} as documents
inner join {{ ref('int_document_amounts') }} as amounts on documents.document_id = amounts.document_id
where
    amounts.fx_source = 'ecb' and documents.exclusion_reason is null
    and datediff('day', amounts.exchange_rate_date, documents.document_date) > 7
