-- What the latest whole build began with, written when every table is built and every rule holds.
{% for mart in [
    'customers_revenue',
    'documents_in_question',
    'invoices_amount_by_city',
    'invoices_amount_by_city_yearly',
    'invoices_amount_by_country',
    'invoices_amount_by_country_yearly',
    'invoices_monthly',
    'invoices_reconciliation',
    'invoices_summary',
    'invoices_tax',
    'receivables_ageing',
] -%}
-- depends_on: {{ ref(mart) }}
{% endfor -%}
select
    part,
    content,
    build_id,
    cast(current_timestamp as timestamptz) as finished_at
from {{ ref('int_build_started') }}
where {{ 'true' if is_whole_build() else 'false' }}
