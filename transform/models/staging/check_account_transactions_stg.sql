with current_transactions as (

    {{ current_rows('check_account_transactions') }}

)

select
    id as check_account_transaction_id,
    {{ json_text('check_account', 'id') }} as check_account_id,
    _sdc_extracted_at as read_at,
    is_deleted
from current_transactions
