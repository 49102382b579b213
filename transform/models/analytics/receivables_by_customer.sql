with documents as (

    select
        *,
        case when document_class = 'credit_note' and open_eur < 0 then open_eur else 0 end as credit_note_eur,
        case when document_class = 'credit_note' and open_eur < 0 then 0 else open_eur end as claim_eur
    from {{ ref('invoices_summary') }}

),

customers as (

    select
        customer_id,
        max(customer_name) as customer_name,
        cast(sum(claim_eur) as numeric(38, 2)) as open_eur,
        cast(sum(case when days_overdue > 0 then claim_eur else 0 end) as numeric(38, 2)) as overdue_eur,
        cast(sum(credit_note_eur) as numeric(38, 2)) as credit_notes_eur,
        cast(sum(open_eur) as numeric(38, 2)) as balance_eur,
        min(case when claim_eur > 0 then due_date end) as oldest_due_date,
        cast(max(days_overdue) as bigint) as days_overdue,
        {{ quotient('sum(days_until_paid)', 'count(days_until_paid)', 0, 0, places=1) }} as average_days_to_pay,
        sum(case when open_eur <> 0 then 1 else 0 end) as document_count,
        max(data_as_of) as data_as_of
    from documents
    group by customer_id

)

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
    cast(document_count as bigint) as document_count,
    data_as_of
from customers
where document_count > 0
