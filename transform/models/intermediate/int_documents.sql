-- Every document with its class and, where it does not count as billed, the reason why. A document that counts and
-- cannot be read, classified or converted is in question: it is set aside with `question_code`, and all others count.
with documents as (

    select
        listed.*,
        amounts.fx_source,
        amounts.is_booked_at_nothing,
        case listed.document_type
            when 'RE' then 'invoice'
            when 'TR' then 'partial'
            when 'AR' then 'advance'
            when 'ER' then 'final'
            when 'SR' then 'cancellation'
            when 'GU' then 'credit_note'
            when 'MA' then 'reminder'
            when 'WKR' then 'template'
            else 'unknown'
        end as document_class,
        case
            when listed.document_type = 'WKR' then 'recurring template, not an invoice'
            when listed.document_type = 'MA' then 'reminder, repeats its invoice'
            when listed.status = '100' then 'draft'
            when listed.status = '50' then 'deactivated template'
        end as none_to_pay,
        case
            when listed.booking_category in ('PROVISION', 'ROYALTY_ASSIGNED', 'ROYALTY_UNASSIGNED')
                then 'credit note for a purchase, an expense'
            when listed.booking_category = 'VOUCHER' then 'credit note for a voucher, lowers no invoice'
            when listed.booking_category = 'ACCOUNTING_TYPE' then 'credit note booked to an account of its own'
        end as own_no_sale
    from {{ ref('int_documents_listed') }} as listed
    inner join {{ ref('int_document_amounts') }} as amounts on listed.document_id = amounts.document_id

),

classed as (

    select
        documents.*,
        -- the first reason that applies is given; what takes back no sale is none
        case
            when documents.is_deleted then 'deleted in sevDesk'
            else coalesce(documents.none_to_pay, documents.own_no_sale, taken_back.own_no_sale)
        end as known_reason
    from documents
    left join documents as taken_back on documents.names_document_id = taken_back.document_id

),

judged as (

    select
        *,
        case
            when is_deleted then null
            -- codes nobody has heard of: even a draft with one may be something else than it seems
            when document_class = 'unknown' then 'unknown_type'
            when coalesce(status, '') not in ('50', '100', '200', '750', '1000') then 'unknown_status'
            when
                source = 'credit_note' and known_reason is null
                and coalesce(booking_category, '') <> 'UNDERACHIEVEMENT' then 'unknown_booking_category'
            when
                source = 'credit_note' and known_reason = 'draft' and booking_category is not null
                and booking_category not in (
                    'UNDERACHIEVEMENT', 'PROVISION', 'ROYALTY_ASSIGNED', 'ROYALTY_UNASSIGNED', 'ACCOUNTING_TYPE',
                    'VOUCHER'
                ) then 'unknown_booking_category'
            when known_reason is not null then null
            {{ cannot_be_read() }}
            when has_unreadable_paid_amount then 'paid_amount_unreadable'
            {{ cannot_be_converted() }}
        end as own_question
    from classed

),

cancelled as (

    select distinct names_document_id as document_id
    from judged
    where document_type = 'SR' and known_reason is null and own_question is null

),

-- what takes back a document that is not counted must not lower the total either
questioned as (

    select
        judged.*,
        -- what an SR cancels takes nothing back
        case when cancelled.document_id is null then judged.names_document_id end as reverses_document_id,
        coalesce(
            judged.own_question,
            case
                when judged.known_reason is null and taken_back.own_question is not null
                    then 'takes_back_a_document_in_question'
            end
        ) as question_code
    from judged
    left join cancelled on judged.document_id = cancelled.document_id
    left join judged as taken_back
        on cancelled.document_id is null and judged.names_document_id = taken_back.document_id

)

select
    document_id,
    source,
    sevdesk_id,
    number,
    document_type,
    status,
    booking_category,
    document_date,
    delivery_date,
    pay_date,
    days_to_pay,
    contact_id,
    names_document_id,
    reverses_document_id,
    order_id,
    address_name,
    address_text,
    address_zip,
    address_city,
    address_country_id,
    currency,
    sum_net,
    sum_tax,
    sum_gross,
    sum_net_foreign_currency,
    sum_tax_foreign_currency,
    sum_gross_foreign_currency,
    paid_amount,
    tax_rule_id,
    tax_type,
    dunning_level,
    date_sent,
    net_sent,
    tax_sent,
    gross_sent,
    currency_sent,
    has_unreadable_delivery_date,
    updated_at,
    read_at,
    is_deleted,
    document_class,
    question_code,
    case when not is_deleted and question_code is null then none_to_pay end as no_document_to_pay,
    case when question_code is not null then 'in question' else known_reason end as exclusion_reason
from questioned
