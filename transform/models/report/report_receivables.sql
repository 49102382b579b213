select
    customer_id,
    customer_name,
    open_eur,
    overdue_eur,
    credit_notes_eur,
    balance_eur,
    oldest_due_date,
    days_overdue,
    average_days_to_pay,
    document_count
from {{ ref('receivables_by_customer') }}
