-- What is set aside: documents that would count but cannot be read, classified or converted, payments on them or that
-- cannot be read, payments and lines whose document is not here, and rows of a list that could not be decoded at all.
-- Each with the reason as a sentence.
with vouchers as (

    {{ income_vouchers() }}

),

orders as (

    {{ orders_on_their_way() }}

),

set_aside as (

    select
        source as document_source,
        sevdesk_id,
        number,
        document_type,
        status,
        booking_category,
        document_date,
        currency,
        reverses_document_id,
        date_sent,
        net_sent,
        tax_sent,
        gross_sent,
        currency_sent,
        question_code
    from {{ ref('int_documents') }}
    where question_code is not null

    union all

    select
        'voucher' as document_source,
        voucher_id as sevdesk_id,
        number,
        voucher_type as document_type,
        status,
        cast(null as varchar) as booking_category,
        document_date,
        currency,
        cast(null as varchar) as reverses_document_id,
        date_sent,
        net_sent,
        tax_sent,
        gross_sent,
        currency_sent,
        question_code
    from vouchers
    where question_code is not null

    union all

    select
        'order' as document_source,
        order_id as sevdesk_id,
        number,
        order_type as document_type,
        status,
        cast(null as varchar) as booking_category,
        document_date,
        currency,
        cast(null as varchar) as reverses_document_id,
        date_sent,
        net_sent,
        cast(null as varchar) as tax_sent,
        gross_sent,
        currency_sent,
        question_code
    from orders
    where question_code is not null

),

documents as (

    select
        document_source,
        sevdesk_id,
        number,
        document_type,
        status,
        date_sent,
        net_sent,
        gross_sent,
        currency_sent,
        question_code as reason_code,
        case question_code
            when 'unknown_type'
                then
                    'Its type is ' || coalesce(document_type, 'empty')
                    || '; sevDesk''s documentation knows no such type.'
            when 'unknown_status'
                then 'Its status is ' || coalesce(status, 'empty') || '; sevDesk''s documentation knows no such status.'
            when 'unknown_booking_category'
                then
                    'Its booking category is ' || coalesce(booking_category, 'empty')
                    || '; sevDesk''s documentation knows no such category, so it may or may not lower an invoice.'
            when 'date_missing' then 'It has no date.'
            when 'date_unreadable'
                then 'Its date "' || date_sent || '" is not a day between 1900 and 2200, written year-month-day.'
            when 'amount_missing' then 'Its net, tax or gross amount is empty.'
            when 'amount_unreadable'
                then
                    'An amount cannot be read: net "' || net_sent || coalesce('", tax "' || tax_sent, '')
                    || '", gross "' || gross_sent || '".'
            when 'paid_amount_unreadable' then 'What was paid on it cannot be read.'
            when 'foreign_amount_unreadable' then 'An amount in its own currency cannot be read.'
            when 'foreign_sums_disagree'
                then
                    'It has amounts in ' || currency
                    || ' only, and there net and tax do not add up to gross.'
            when 'unknown_direction'
                then 'It does not say whether it is income (D) or an expense (C).'
            when 'sums_disagree'
                then 'Net ' || net_sent || ' and tax ' || tax_sent || ' do not add up to gross ' || gross_sent || '.'
            when 'exchange_rate_missing'
                then
                    'The European Central Bank has no rate for the currency ' || currency
                    || ' in the three months up to ' || cast(document_date as varchar)
                    || ', and sevDesk gives no amount in {{ home_currency() }}.'
            when 'takes_back_a_document_in_question'
                then
                    'It takes back ' || replace(replace(reverses_document_id, '_', ' '), '-', ' ')
                    || ', which is itself in question.'
        end as reason
    from set_aside

),

-- what a payment can be on: what counts or would count, what is no document to pay, and what is no income
known as (

    select
        source as document_source,
        sevdesk_id,
        number,
        question_code,
        exclusion_reason is null or question_code is not null as is_payable,
        no_document_to_pay
    from {{ ref('int_documents') }}
    where not is_deleted

    union all

    select
        'voucher' as document_source,
        all_vouchers.voucher_id as sevdesk_id,
        all_vouchers.number,
        vouchers.question_code,
        vouchers.voucher_id is not null as is_payable,
        cast(null as varchar) as no_document_to_pay
    from {{ ref('vouchers_stg') }} as all_vouchers
    left join vouchers on all_vouchers.voucher_id = vouchers.voucher_id
    where not all_vouchers.is_deleted

),

complete_reads as (

    select
        stream,
        max(started_at) as started_at
    from {{ ref('extractions_stg') }}
    where is_complete
    group by stream

),

payments as (

    select
        booked.check_account_transaction_log_id as sevdesk_id,
        booked.document_source,
        booked.document_id,
        known.number,
        known.no_document_to_pay,
        booked.date_sent,
        booked.amount_sent,
        case
            when booked.document_id is null or booked.document_source is null then 'pays_a_missing_document'
            -- the list must have been read since, and be whole: with a start date older documents are left out
            when
                known.sevdesk_id is null
                and {{ start_day() }} is null
                and booked.created_at < complete_reads.started_at
                then 'pays_a_missing_document'
            when known.no_document_to_pay is not null then 'pays_no_document_to_pay'
            when known.is_payable and booked.amount_paid is null then 'payment_amount_unreadable'
            when known.is_payable and {{ words('booked.date_sent') }} is null then 'payment_date_missing'
            when known.is_payable and booked.booking_date is null then 'payment_date_unreadable'
            when known.is_payable and known.question_code is not null then 'pays_a_document_in_question'
        end as question_code
    from {{ ref('check_account_transaction_logs_stg') }} as booked
    left join known on booked.document_id = known.sevdesk_id and booked.document_source = known.document_source
    left join complete_reads on complete_reads.stream = booked.document_source || 's'
    -- a log without an amount books nothing
    where
        not booked.is_deleted
        and {{ words('booked.amount_sent') }} is not null
        and (booked.amount_paid is null or booked.amount_paid <> 0)

),

-- A line of a document that is not here. The list of documents must have been read since the line was written, and be
-- whole: with a start date older documents are left out on purpose.
lines as (

    select
        'invoice position' as document_source,
        positions.invoice_position_id as sevdesk_id,
        case
            when positions.invoice_id is null then 'This line names no invoice.'
            else
                'This line names the invoice with the id ' || positions.invoice_id
                || '; the list of invoices does not hold it.'
        end as reason
    from {{ ref('invoice_positions_stg') }} as positions
    left join {{ ref('invoices_stg') }} as invoices on positions.invoice_id = invoices.invoice_id
    left join complete_reads on complete_reads.stream = 'invoices'
    where
        not positions.is_deleted
        and invoices.invoice_id is null
        and (
            positions.invoice_id is null
            or ({{ start_day() }} is null and positions.created_at < complete_reads.started_at)
        )

    union all

    select
        'credit note position' as document_source,
        positions.credit_note_position_id as sevdesk_id,
        case
            when positions.credit_note_id is null then 'This line names no credit note.'
            else
                'This line names the credit note with the id ' || positions.credit_note_id
                || '; the list of credit notes does not hold it.'
        end as reason
    from {{ ref('credit_note_positions_stg') }} as positions
    left join {{ ref('credit_notes_stg') }} as credit_notes on positions.credit_note_id = credit_notes.credit_note_id
    left join complete_reads on complete_reads.stream = 'credit_notes'
    where
        not positions.is_deleted
        and credit_notes.credit_note_id is null
        and (
            positions.credit_note_id is null
            or ({{ start_day() }} is null and positions.created_at < complete_reads.started_at)
        )

),

-- a full read that reached the end of a list replaces what was said of it before
full_reads as (

    select
        stream,
        max(started_at) as started_at
    from {{ ref('extractions_stg') }}
    where mode = 'full' and (is_complete or incomplete_because = 'unreadable rows')
    group by stream

),

unreadable_rows as (

    select unreadable.*
    from {{ ref('unreadable_rows_stg') }} as unreadable
    left join full_reads on unreadable.stream = full_reads.stream
    left join {{ ref('int_documents') }} as documents
        on
            unreadable.record_id = documents.sevdesk_id
            and unreadable.stream = documents.source || 's'
            and unreadable.started_at < documents.read_at
    where
        documents.document_id is null
        and (full_reads.started_at is null or unreadable.started_at >= full_reads.started_at)
    qualify row_number() over (
        partition by unreadable.stream, unreadable.record_id, unreadable.after_id, unreadable.before_id
        order by unreadable.started_at desc, unreadable.place asc
    ) = 1

)

select
    document_source,
    sevdesk_id,
    number,
    document_type,
    status,
    date_sent,
    net_sent,
    gross_sent,
    currency_sent,
    reason_code,
    reason
from documents

union all

select
    'payment' as document_source,
    sevdesk_id,
    number,
    document_source as document_type,
    cast(null as varchar) as status,
    date_sent,
    cast(null as varchar) as net_sent,
    amount_sent as gross_sent,
    cast(null as varchar) as currency_sent,
    question_code as reason_code,
    case question_code
        when 'pays_a_missing_document'
            then coalesce(
                'This payment names the ' || replace(document_source, '_', ' ') || ' with the id ' || document_id
                || '; the list does not hold it.',
                'This payment names no invoice, credit note or voucher.'
            )
        when 'pays_no_document_to_pay'
            then 'A payment on it is left out, as the document is in no total (' || no_document_to_pay || ').'
        when 'pays_a_document_in_question' then 'A payment on it is left out, as the document is itself in question.'
        when 'payment_amount_unreadable' then 'The amount "' || amount_sent || '" of a payment on it cannot be read.'
        when 'payment_date_missing' then 'A payment on it has no date.'
        when 'payment_date_unreadable'
            then
                'The date "' || date_sent
                || '" of a payment on it is not a day between 1900 and 2200, written year-month-day.'
    end as reason
from payments
where question_code is not null

union all

select
    document_source,
    sevdesk_id,
    cast(null as varchar) as number,
    cast(null as varchar) as document_type,
    cast(null as varchar) as status,
    cast(null as varchar) as date_sent,
    cast(null as varchar) as net_sent,
    cast(null as varchar) as gross_sent,
    cast(null as varchar) as currency_sent,
    'document_missing' as reason_code,
    reason
from lines

union all

select
    'unreadable row' as document_source,
    record_id as sevdesk_id,
    cast(null as varchar) as number,
    stream as document_type,
    cast(null as varchar) as status,
    cast(null as varchar) as date_sent,
    cast(null as varchar) as net_sent,
    cast(null as varchar) as gross_sent,
    cast(null as varchar) as currency_sent,
    'unreadable_row' as reason_code,
    'A row of the list ' || stream || ' cannot be read' || coalesce(' (' || reason || ')', '') || '. Its place: row '
    || coalesce(cast(list_offset + 1 as varchar), '?') || ', page ' || coalesce(page, '?')
    || ', after the id ' || coalesce(after_id, '?') || ', before the id ' || coalesce(before_id, '?') || '.' as reason
from unreadable_rows
