-- One row: the moment up to which sevDesk was seen to hold nothing else than is built here; null where nobody has said.
-- A literal, so that an hour without news moves it on by one statement that needs no running warehouse
-- (orchestration/warehouse.py). Written after the published tables, so never newer than they are.
-- depends_on: {{ ref('published_documents') }}
-- depends_on: {{ ref('published_income_vouchers') }}
-- depends_on: {{ ref('published_orders_pipeline') }}
-- depends_on: {{ ref('published_payments') }}
-- depends_on: {{ ref('published_questions') }}
-- depends_on: {{ ref('published_reconciliation') }}
-- depends_on: {{ ref('published_tax') }}
{{ config(materialized='view') }}
{%- set instant = var('checked_until', none) %}
select cast({{ "'" ~ instant ~ "'" if instant else 'null' }} as timestamptz) as checked_until
