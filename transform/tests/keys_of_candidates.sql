-- Every row of what int_release looks at has its key, no two the same, and what is never empty is there.
{{ config(meta={'dagster': {'ref': {'name': 'int_documents_billed'}}}) }}

{{ without_key('int_contact_places', ['contact_address_id']) }}
union all
{{ without_key('int_countries', ['country_id']) }}
union all
{{ without_key('int_document_addresses', ['document_id']) }}
union all
{{ without_key('int_document_amounts', ['document_id']) }}
union all
{{ without_key('int_document_places', ['document_id']) }}
union all
{{ without_key('int_document_reversals', ['document_id']) }}
union all
{{ without_key('int_document_services', ['document_id']) }}
union all
{{ without_key('int_document_settlements', ['document_id'], required=['credited_eur', 'open_eur']) }}
union all
{{ without_key('int_document_tax_rates', ['document_id', 'tax_rate'], nullable=['tax_rate']) }}
union all
{{ without_key('int_documents', ['document_id']) }}
union all
{{ without_key(
    'int_documents_billed',
    ['document_id'],
    required=[
        'document_class', 'is_cancelled', 'is_advance', 'invoice_date', 'service_date',
        'customer_id', 'customer_name', 'city', 'country_code', 'country_name', 'net_eur',
        'tax_eur', 'gross_eur', 'net_revenue_eur', 'paid_eur', 'open_eur', 'cash_discount_eur',
        'tax_rule'
    ]
) }}
union all
{{ without_key('int_documents_in_question', required=['document_source', 'reason_code', 'reason']) }}
union all
{{ without_key('int_documents_listed', ['document_id']) }}
union all
{{ without_key('int_documents_signed', ['document_id'], required=['net_eur', 'tax_eur', 'gross_eur']) }}
union all
{{ without_key('int_income_vouchers', ['voucher_id']) }}
union all
{{ without_key('int_orders_pipeline', ['order_id']) }}
union all
{{ without_key('int_payments', ['payment_id']) }}
union all
{{ without_key(
    'int_reconciliation',
    ['invoice_month', 'document_type', 'status', 'exclusion_reason'],
    required=[
        'is_counted', 'document_count', 'listed_net_eur', 'listed_tax_eur', 'listed_gross_eur',
        'counted_net_eur', 'counted_tax_eur', 'counted_gross_eur'
    ],
    nullable=['invoice_month', 'document_type', 'status', 'exclusion_reason']
) }}
union all
{{ without_key(
    'int_tax',
    required=['invoice_month', 'service_month', 'is_advance', 'tax_rule', 'net_eur', 'tax_eur', 'gross_eur']
) }}
