-- Invoices and credit notes as one list.
with recursive origins as (

    select
        invoice_id,
        invoice_type,
        contact_id,
        case when origin_type = 'Order' then origin_id end as order_id,
        case when origin_type = 'Invoice' then origin_id end as follows_invoice_id
    from {{ ref('invoices_stg') }}
    where invoice_type in ('TR', 'AR', 'ER') or origin_id is not null

),

-- where a part of a job names no order: the invoice of the same customer that it follows, the one which that follows,
-- and so on. sevDesk sends no circle, and one would end, as would a job of more than 90 invoices: Snowflake walks 100.
jobs as (

    select
        invoice_id,
        contact_id,
        order_id,
        coalesce(follows_invoice_id, invoice_id) as first_invoice_id,
        cast(0 as integer) as distance
    from origins
    where invoice_type in ('TR', 'AR', 'ER')

    union all

    select
        jobs.invoice_id,
        jobs.contact_id,
        earlier.order_id,
        coalesce(earlier.follows_invoice_id, jobs.first_invoice_id) as first_invoice_id,
        cast(jobs.distance + 1 as integer) as distance
    from jobs
    inner join origins as earlier
        on
            jobs.first_invoice_id = earlier.invoice_id
            and coalesce(jobs.contact_id, '') = coalesce(earlier.contact_id, '')
    where
        jobs.order_id is null
        and (earlier.order_id is not null or earlier.follows_invoice_id is not null)
        and jobs.distance < 90

),

-- the first invoice of a job without an order stands for it
orders as (

    select
        invoice_id,
        coalesce(order_id, 'invoice-' || first_invoice_id) as order_id
    from jobs
    qualify row_number() over (partition by invoice_id order by distance desc) = 1

),

-- what was paid back of credit notes: sevDesk's log alone says it, with the sign of the account. What was settled
-- without money may as well have been set against the invoice.
paid_back as (

    select
        document_id as credit_note_id,
        cast(abs(sum(amount_paid)) as numeric(38, 2)) as paid_amount
    from {{ ref('check_account_transaction_logs_stg') }}
    where document_source = 'credit_note' and check_account_transaction_id is not null and not is_deleted
    group by document_id

),

invoices as (

    select
        invoices.*,
        orders.order_id
    from {{ ref('invoices_stg') }} as invoices
    left join orders on invoices.invoice_id = orders.invoice_id

),

credit_notes as (

    select
        credit_notes.*,
        coalesce(paid_back.paid_amount, 0) as paid_amount
    from {{ ref('credit_notes_stg') }} as credit_notes
    left join paid_back on credit_notes.credit_note_id = paid_back.credit_note_id

),

documents as (

    select
        'invoice' as source,
        invoice_id as sevdesk_id,
        number,
        invoice_type as document_type,
        status,
        cast(null as varchar) as booking_category,
        invoice_date as document_date,
        delivery_date,
        pay_date,
        days_to_pay,
        contact_id,
        case
            when invoice_type = 'SR' and origin_type = 'Invoice' then 'invoice-' || origin_id
            when invoice_type = 'SR' and origin_type = 'CreditNote' then 'credit_note-' || origin_id
        end as names_document_id,
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
        has_unreadable_foreign_amount,
        has_unreadable_paid_amount,
        has_unreadable_delivery_date,
        updated_at,
        read_at,
        is_deleted
    from invoices

    union all

    select
        'credit_note' as source,
        credit_note_id as sevdesk_id,
        number,
        'GU' as document_type,
        status,
        booking_category,
        credit_note_date as document_date,
        delivery_date,
        pay_date,
        0 as days_to_pay,
        contact_id,
        'invoice-' || invoice_id as names_document_id,
        cast(null as varchar) as order_id,
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
        0 as dunning_level,
        date_sent,
        net_sent,
        tax_sent,
        gross_sent,
        currency_sent,
        has_unreadable_foreign_amount,
        false as has_unreadable_paid_amount,
        has_unreadable_delivery_date,
        updated_at,
        read_at,
        is_deleted
    from credit_notes

)

select
    documents.source || '-' || documents.sevdesk_id as document_id,
    documents.*
from documents
