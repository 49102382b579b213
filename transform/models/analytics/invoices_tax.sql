select
    tax.invoice_month,
    tax.service_month,
    tax.is_advance,
    tax.tax_rule,
    tax.tax_rule_name,
    tax.tax_rate,
    tax.document_count,
    tax.net_eur,
    tax.tax_eur,
    tax.gross_eur,
    as_of.data_as_of
from {{ ref('published_tax') }} as tax
cross join {{ ref('int_data_as_of') }} as as_of
