-- Every row of the marts and of the page's models has its key, no two the same, and what is never empty is there.
{{ config(meta={'dagster': {'ref': {'name': 'invoices_summary'}}}) }}

{{ without_key('cash_monthly', ['payment_month'], nullable=['payment_month']) }}
union all
{{ without_key('customers_revenue', ['customer_id']) }}
union all
{{ without_key('documents_in_question', required=['document_source', 'reason_code', 'reason']) }}
union all
{{ without_key('final_invoices', ['document_id']) }}
union all
{{ without_key('income_vouchers', ['voucher_id']) }}
union all
{{ without_key('invoices_amount_by_city', ['country_code', 'city']) }}
union all
{{ without_key('invoices_amount_by_city_yearly', ['invoice_year', 'country_code', 'city']) }}
union all
{{ without_key('invoices_amount_by_country', ['country_code']) }}
union all
{{ without_key('invoices_amount_by_country_yearly', ['invoice_year', 'country_code']) }}
union all
{{ without_key('invoices_monthly', ['invoice_month', 'country_code']) }}
union all
{{ without_key(
    'invoices_reconciliation',
    ['invoice_month', 'document_type', 'status', 'exclusion_reason'],
    nullable=['invoice_month', 'document_type', 'status', 'exclusion_reason']
) }}
union all
{{ without_key('invoices_summary', ['document_id']) }}
union all
{{ without_key(
    'invoices_tax',
    ['invoice_month', 'service_month', 'is_advance', 'tax_rule', 'tax_rate'],
    nullable=['tax_rate']
) }}
union all
{{ without_key('orders_pipeline', ['order_id']) }}
union all
{{ without_key('payments', ['payment_id']) }}
union all
{{ without_key('pipeline_status', ['stream']) }}
union all
{{ without_key('receivables_ageing', ['document_id']) }}
union all
{{ without_key('receivables_by_customer', ['customer_id']) }}
union all
{{ without_key('checked_until', ['checked_until'], nullable=['checked_until']) }}
union all
{{ without_key('int_data_as_of', ['data_as_of'], nullable=['data_as_of']) }}
union all
{{ without_key('int_latest_read', ['data_as_of'], nullable=['data_as_of']) }}
union all
{{ without_key('int_release', required=['document_count', 'net_eur', 'released_at']) }}
union all
{{ without_key('report_documents_in_question', required=['document_source']) }}
union all
{{ without_key('report_final_invoices', ['sevdesk_id']) }}
union all
{{ without_key('report_receivables', ['customer_id']) }}
union all
{{ without_key('report_rows', required=['part', 'content']) }}
union all
{{ without_key('report_status', required=['foreign_documents']) }}
union all
{{ without_key('report_streams', ['list_name'], required=['is_needed']) }}
