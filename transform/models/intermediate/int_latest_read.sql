-- One row: the moment up to which invoices and credit notes have been read completely, by the latest reads that brought
-- news. Written after the published tables, so never newer than they are.
-- depends_on: {{ ref('published_documents') }}
-- depends_on: {{ ref('published_income_vouchers') }}
-- depends_on: {{ ref('published_orders_pipeline') }}
-- depends_on: {{ ref('published_payments') }}
-- depends_on: {{ ref('published_questions') }}
-- depends_on: {{ ref('published_reconciliation') }}
-- depends_on: {{ ref('published_tax') }}
{{ latest_complete_read() }}
