-- What was booked on invoices, credit notes and income vouchers: money that moved on an account, apart from what was
-- only written off. Both raise `paid` on the document; sevDesk's transaction log alone tells them apart.
with bookings as (

    select
        booked.check_account_transaction_log_id as payment_id,
        booked.booking_date as payment_date,
        booked.amount_paid,
        case when booked.check_account_transaction_id is null then 'write_off' else 'payment' end as kind,
        booked.document_source,
        booked.document_id as sevdesk_document_id,
        account_lines.check_account_id
    from {{ ref('check_account_transaction_logs_stg') }} as booked
    left join {{ ref('check_account_transactions_stg') }} as account_lines
        on booked.check_account_transaction_id = account_lines.check_account_transaction_id
    where not booked.is_deleted and booked.amount_paid <> 0 and booked.booking_date is not null

),

documents as (

    select
        billed.source as document_source,
        billed.sevdesk_id,
        billed.number,
        billed.invoice_date as document_date,
        billed.customer_id,
        billed.customer_name,
        amounts.exchange_rate
    from {{ ref('int_documents_billed') }} as billed
    inner join {{ ref('int_document_amounts') }} as amounts on billed.document_id = amounts.document_id

    union all

    select
        'voucher' as document_source,
        voucher_id as sevdesk_id,
        number,
        voucher_date as document_date,
        customer_id,
        customer_name,
        exchange_rate
    from {{ ref('int_income_vouchers') }}

)

select
    bookings.payment_id,
    bookings.payment_date,
    cast(date_trunc('month', bookings.payment_date) as date) as payment_month,
    case
        -- an amount that sevDesk holds in the document's currency only is converted as the document was
        when documents.exchange_rate is not null
            then {{ converted('bookings.amount_paid', 'documents.exchange_rate') }}
        else cast(bookings.amount_paid as numeric(38, 2))
    end as amount_eur,
    bookings.kind,
    bookings.document_source,
    bookings.sevdesk_document_id,
    documents.number,
    documents.customer_id,
    documents.customer_name,
    bookings.check_account_id,
    datediff('day', documents.document_date, bookings.payment_date) as days_after_invoice
from bookings
inner join documents
    on
        bookings.document_source = documents.document_source
        and bookings.sevdesk_document_id = documents.sevdesk_id
