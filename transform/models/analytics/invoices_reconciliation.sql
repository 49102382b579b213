select
    invoice_month,
    document_type,
    document_type_name,
    status,
    status_name,
    is_counted,
    exclusion_reason,
    document_count,
    listed_net_eur,
    listed_tax_eur,
    listed_gross_eur,
    counted_net_eur,
    counted_tax_eur,
    counted_gross_eur
from {{ ref('published_reconciliation') }}
