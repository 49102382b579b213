-- Invoices and credit notes as one list, each with its class and, where it does not count as billed, the reason why.
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
        updated_at,
        read_at,
        is_deleted
    from {{ ref('credit_notes_stg') }}

)

select
    source || '-' || sevdesk_id as document_id,
    *,
    case document_type
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
    -- NULL: the document counts. The first reason that applies is given.
    case
        when is_deleted then 'deleted in sevDesk'
        when document_type = 'WKR' then 'recurring template, not an invoice'
        when document_type = 'MA' then 'reminder, repeats its invoice'
        when document_type not in ('RE', 'TR', 'AR', 'ER', 'SR', 'GU') then 'unknown type'
        when status = '100' then 'draft'
        when status = '50' then 'deactivated template'
        when status not in ('200', '750', '1000') then 'unknown status'
        when booking_category in ('PROVISION', 'ROYALTY_ASSIGNED', 'ROYALTY_UNASSIGNED')
            then 'credit note for a purchase, an expense'
        when booking_category = 'ACCOUNTING_TYPE' then 'credit note booked to an account of its own'
        when source = 'credit_note' and coalesce(booking_category, '') <> 'UNDERACHIEVEMENT'
            then 'unknown booking category'
    end as exclusion_reason
from documents
