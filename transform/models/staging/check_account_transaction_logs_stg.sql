with current_logs as (

    {{ current_rows('check_account_transaction_logs') }}

)

select
    id as check_account_transaction_log_id,
    {{ json_text('check_account_transaction', 'id') }} as check_account_transaction_id,
    {{ json_text('object', 'id') }} as document_id,
    case {{ json_text('object', 'objectName') }}
        when 'Invoice' then 'invoice' when 'CreditNote' then 'credit_note' when 'Voucher' then 'voucher'
    end as document_source,
    {{ amount('amount_paid') }} as amount_paid,
    {{ civil_date('booking_date') }} as booking_date,
    amount_paid as amount_sent,
    booking_date as date_sent,
    {{ reserved('create') }} as created_at,
    _sdc_extracted_at as read_at,
    is_deleted
from current_logs
