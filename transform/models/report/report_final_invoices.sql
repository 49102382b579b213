-- Final invoices of the total whose order has earlier partial or advance invoices: what these come to is counted twice
-- if sevDesk states the whole job in a final invoice (variable final_invoice_amounts).
select
    documents.number,
    documents.sevdesk_id,
    documents.invoice_date,
    documents.net_eur,
    cast(signed.earlier_net as numeric(38, 2)) as at_stake_eur
from {{ ref('invoices_summary') }} as documents
inner join {{ ref('int_documents_signed') }} as signed on documents.document_id = signed.document_id
where documents.document_class = 'final' and signed.earlier_documents > 0
