select
    document_id,
    number,
    document_class,
    contact_id,
    customer_id,
    customer_name,
    city,
    country_code,
    invoice_date,
    due_date,
    days_overdue,
    case
        when days_overdue = 0 then 'not due'
        when days_overdue <= 30 then '1-30 days'
        when days_overdue <= 60 then '31-60 days'
        when days_overdue <= 90 then '61-90 days'
        else 'over 90 days'
    end as bucket,
    case
        when days_overdue = 0 then 1
        when days_overdue <= 30 then 2
        when days_overdue <= 60 then 3
        when days_overdue <= 90 then 4
        else 5
    end as bucket_order,
    dunning_level,
    gross_eur,
    paid_eur,
    credited_eur,
    open_eur,
    data_as_of
from {{ ref('invoices_summary') }}
where open_eur <> 0
