with current_credit_notes as (

    {{ current_rows('credit_notes') }}

),

credit_notes as (

    select
        *,
        coalesce(
            {{ json_text('ref_src_invoice', 'id') }},
            case when {{ json_text('origin', 'objectName') }} = 'Invoice' then {{ json_text('origin', 'id') }} end
        ) as invoice_id,
        coalesce(
            {{ json_text('ref_src_voucher', 'id') }},
            case when {{ json_text('origin', 'objectName') }} = 'Voucher' then {{ json_text('origin', 'id') }} end
        ) as voucher_id
    from current_credit_notes

)

select
    id as credit_note_id,
    {{ words('credit_note_number') }} as number,
    case
        -- of a voucher (bookkeeping system 1.0): it takes back no invoice, whatever category it bears
        when voucher_id is not null and {{ json_text('ref_src_invoice', 'id') }} is null then 'VOUCHER'
        -- a credit note made from an invoice is of this category even where the API leaves the field out
        else coalesce(
            {{ words('booking_category') }},
            case when invoice_id is not null then 'UNDERACHIEVEMENT' end
        )
    end as booking_category,
    status,
    {{ civil_date('credit_note_date') }} as credit_note_date,
    {{ civil_date('delivery_date') }} as delivery_date,
    {{ civil_date('delivery_date_until') }} as delivery_until,
    {{ civil_date('pay_date') }} as pay_date,
    {{ json_text('contact', 'id') }} as contact_id,
    invoice_id,
    {{ tidy('address_name') }} as address_name,
    address as address_text,
    {{ tidy('address_zip') }} as address_zip,
    {{ tidy('address_city') }} as address_city,
    {{ json_text('address_country', 'id') }} as address_country_id,
    coalesce(upper({{ words('currency') }}), '{{ home_currency() }}') as currency,
    {{ amount('sum_net') }} as sum_net,
    {{ amount('sum_tax') }} as sum_tax,
    {{ amount('sum_gross') }} as sum_gross,
    coalesce({{ amount('sum_net_foreign_currency') }}, 0) as sum_net_foreign_currency,
    coalesce({{ amount('sum_tax_foreign_currency') }}, 0) as sum_tax_foreign_currency,
    coalesce({{ amount('sum_gross_foreign_currency') }}, 0) as sum_gross_foreign_currency,
    {{ json_text('tax_rule', 'id') }} as tax_rule_id,
    {{ words('tax_type') }} as tax_type,
    credit_note_date as date_sent,
    sum_net as net_sent,
    sum_tax as tax_sent,
    sum_gross as gross_sent,
    currency as currency_sent,
    {{ is_unreadable(['sum_net_foreign_currency', 'sum_tax_foreign_currency', 'sum_gross_foreign_currency']) }}
        as has_unreadable_foreign_amount,
    {{ is_unreadable(['delivery_date', 'delivery_date_until'], civil_date) }} as has_unreadable_delivery_date,
    {{ reserved('create') }} as created_at,
    {{ reserved('update') }} as updated_at,
    _sdc_extracted_at as read_at,
    is_deleted
from credit_notes
