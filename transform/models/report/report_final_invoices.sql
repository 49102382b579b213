select
    documents.number,
    documents.sevdesk_id,
    documents.invoice_date,
    documents.net_eur,
    documents.uncertain_net_eur as at_stake_eur
from {{ ref('invoices_summary') }} as documents
inner join {{ ref('final_invoices') }} as finals on documents.document_id = finals.document_id
where not finals.is_cancelled
