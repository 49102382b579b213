-- Every row of staging and of the seeds has its key, no two the same, and what is never empty is there. One statement
-- for all of them: to start a test costs dbt and a warehouse more than to run it.
{{ config(meta={'dagster': {'ref': {'name': 'invoices_stg'}}}) }}

{{ without_key('categories_stg', ['category_id']) }}
union all
{{ without_key('check_account_transaction_logs_stg', ['check_account_transaction_log_id']) }}
union all
{{ without_key('check_account_transactions_stg', ['check_account_transaction_id']) }}
union all
{{ without_key('contact_addresses_stg', ['contact_address_id']) }}
union all
{{ without_key('contacts_stg', ['contact_id']) }}
union all
{{ without_key('credit_note_positions_stg', ['credit_note_position_id']) }}
union all
{{ without_key('credit_notes_stg', ['credit_note_id']) }}
union all
{{ without_key('exchange_rates_stg', ['rate_date', 'currency'], nullable=['rate_date', 'currency']) }}
union all
{{ without_key('extractions_stg', ['extraction_id'], required=['stream', 'started_at', 'is_complete']) }}
union all
{{ without_key('invoice_positions_stg', ['invoice_position_id']) }}
union all
{{ without_key('invoices_stg', ['invoice_id']) }}
union all
{{ without_key('loaded_reads_stg', required=['stream', 'started_at']) }}
union all
{{ without_key('loaded_records_stg', ['stream', 'account_id'], nullable=['account_id']) }}
union all
{{ without_key('orders_stg', ['order_id']) }}
union all
{{ without_key('static_countries_stg', ['country_id']) }}
union all
{{ without_key('unreadable_rows_stg', required=['stream', 'started_at', 'place']) }}
union all
{{ without_key('vouchers_stg', ['voucher_id']) }}
union all
{{ without_key('city_aliases', required=['spelling', 'country_code', 'city']) }}
union all
{{ without_key('country_names', ['spelling'], required=['country_code']) }}
union all
{{ without_key('tax_rules', ['tax_rule']) }}
