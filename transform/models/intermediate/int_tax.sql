-- The mart invoices_tax, except how old it is.
select
    documents.invoice_month,
    cast(date_trunc('month', documents.service_date) as date) as service_month,
    documents.is_advance,
    documents.tax_rule,
    coalesce(max(rules.tax_rule_name), documents.tax_rule) as tax_rule_name,
    rates.tax_rate,
    count(*) as document_count,
    cast(sum(rates.net_eur) as numeric(38, 2)) as net_eur,
    cast(sum(rates.tax_eur) as numeric(38, 2)) as tax_eur,
    cast(sum(rates.gross_eur) as numeric(38, 2)) as gross_eur
from {{ ref('int_documents_billed') }} as documents
inner join {{ ref('int_document_tax_rates') }} as rates on documents.document_id = rates.document_id
left join {{ ref('tax_rules') }} as rules on documents.tax_rule = rules.tax_rule
group by
    documents.invoice_month,
    cast(date_trunc('month', documents.service_date) as date),
    documents.is_advance,
    documents.tax_rule,
    rates.tax_rate
