select
    documents.number,
    documents.document_class,
    documents.status_name,
    documents.invoice_date,
    documents.due_date,
    documents.days_overdue,
    coalesce(receivables.bucket_order, 0) as bucket_order,
    documents.customer_id,
    documents.customer_name,
    documents.country_code,
    documents.country_name,
    documents.city,
    documents.net_eur,
    documents.gross_eur,
    documents.open_eur
from {{ ref('invoices_summary') }} as documents
left join {{ ref('receivables_ageing') }} as receivables on documents.document_id = receivables.document_id
