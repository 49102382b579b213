select
    payments.payment_id,
    payments.payment_date,
    payments.payment_month,
    payments.amount_eur,
    payments.kind,
    payments.document_source,
    payments.sevdesk_document_id,
    payments.number,
    payments.customer_id,
    payments.customer_name,
    payments.check_account_id,
    payments.days_after_invoice,
    as_of.data_as_of
from {{ ref('published_payments') }} as payments
cross join {{ ref('int_data_as_of') }} as as_of
