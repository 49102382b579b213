-- Invoices and credit notes as one list.
-- depends_on: {{ ref('int_build_started') }}
with documents as (

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
        case when invoice_type = 'SR' and origin_type = 'Invoice' then origin_id end as reverses_invoice_id,
        case when origin_type = 'Order' then origin_id end as order_id,
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
        updated_at,
        read_at,
        is_deleted
    from {{ ref('invoices_stg') }}

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
        invoice_id as reverses_invoice_id,
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
        cast(0 as numeric(38, 2)) as paid_amount,
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
        updated_at,
        read_at,
        is_deleted
    from {{ ref('credit_notes_stg') }}

)

select
    source || '-' || sevdesk_id as document_id,
    *
from documents
