-- Counted documents that take another one back, or are taken back: an open invoice is reversed by an SR invoice, a
-- paid one by a credit note, a credit note by an SR; sevDesk has no status for it. `is_cancelled`: taken back whole, so
-- that the sum is zero.
with documents as (

    select
        documents.document_id,
        documents.document_type,
        documents.reverses_document_id,
        documents.currency,
        amounts.listed_gross,
        amounts.gross_document_currency
    from {{ ref('int_documents') }} as documents
    inner join {{ ref('int_document_amounts') }} as amounts on documents.document_id = amounts.document_id
    where documents.exclusion_reason is null

),

reversals as (

    select
        reverses_document_id as document_id,
        max(case when document_type = 'SR' then 1 else 0 end) as has_cancellation,
        cast(sum(abs(listed_gross)) as numeric(38, 2)) as reversed_gross_eur,
        cast(sum(abs(gross_document_currency)) as numeric(38, 2)) as reversed_gross,
        min(currency) as first_currency,
        max(currency) as last_currency
    from documents
    where reverses_document_id is not null
    group by reverses_document_id

),

compared as (

    select
        documents.document_id,
        reversals.has_cancellation,
        reversals.reversed_gross_eur,
        reversals.reversed_gross,
        documents.currency = reversals.first_currency and documents.currency = reversals.last_currency
            as is_one_currency,
        cast(reversals.reversed_gross_eur - abs(documents.listed_gross) as numeric(38, 2)) as beyond_eur,
        cast(reversals.reversed_gross - abs(documents.gross_document_currency) as numeric(38, 2)) as beyond
    from documents
    inner join reversals on documents.document_id = reversals.document_id

),

-- in the document's currency, as two rates would give two amounts; amounts of two currencies compare in euros only
taken_back as (

    select
        document_id,
        has_cancellation = 1 or case when is_one_currency then beyond else beyond_eur end >= 0 as is_cancelled,
        greatest(
            case
                when is_one_currency
                    then coalesce({{ quotient(
                        'beyond', 'reversed_gross', 2, 2, places=2, factor='reversed_gross_eur', factor_places=2
                    ) }}, 0)
                else beyond_eur
            end,
            0
        ) as reversed_beyond_eur
    from compared

)

select
    documents.document_id,
    taken_back.is_cancelled,
    cast(taken_back.reversed_beyond_eur as numeric(38, 2)) as reversed_beyond_eur
from documents
inner join taken_back
    on coalesce(documents.reverses_document_id, documents.document_id) = taken_back.document_id
