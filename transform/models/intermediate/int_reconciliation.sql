-- The mart invoices_reconciliation: every document once, by month, type, status and the reason why it does not count.
with documents as (

    select
        documents.document_type,
        documents.status,
        documents.exclusion_reason,
        cast(date_trunc('month', documents.document_date) as date) as invoice_month,
        amounts.listed_net,
        amounts.listed_tax,
        amounts.listed_gross,
        signed.net_eur,
        signed.tax_eur,
        signed.gross_eur
    from {{ ref('int_documents') }} as documents
    inner join {{ ref('int_document_amounts') }} as amounts on documents.document_id = amounts.document_id
    left join {{ ref('int_documents_signed') }} as signed on documents.document_id = signed.document_id

)

select
    invoice_month,
    document_type,
    case document_type
        when 'RE' then 'Rechnung'
        when 'TR' then 'Teilrechnung'
        when 'AR' then 'Abschlagsrechnung'
        when 'ER' then 'Schlussrechnung'
        when 'SR' then 'Stornorechnung'
        when 'MA' then 'Mahnung'
        when 'WKR' then 'Wiederkehrende Rechnung'
        when 'GU' then 'Gutschrift'
        else document_type
    end as document_type_name,
    status,
    case status
        when '50' then 'Deaktiviert'
        when '100' then 'Entwurf'
        when '200' then 'Offen'
        when '750' then 'Teilbezahlt'
        when '1000' then 'Bezahlt'
        else status
    end as status_name,
    exclusion_reason is null as is_counted,
    exclusion_reason,
    count(*) as document_count,
    cast(coalesce(sum(listed_net), 0) as numeric(38, 2)) as listed_net_eur,
    cast(coalesce(sum(listed_tax), 0) as numeric(38, 2)) as listed_tax_eur,
    cast(coalesce(sum(listed_gross), 0) as numeric(38, 2)) as listed_gross_eur,
    cast(coalesce(sum(net_eur), 0) as numeric(38, 2)) as counted_net_eur,
    cast(coalesce(sum(tax_eur), 0) as numeric(38, 2)) as counted_tax_eur,
    cast(coalesce(sum(gross_eur), 0) as numeric(38, 2)) as counted_gross_eur
from documents
group by invoice_month, document_type, status, exclusion_reason
