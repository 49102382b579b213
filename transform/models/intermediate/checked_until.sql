-- One row: the moment up to which sevDesk was seen to hold nothing else than is built here; null where nobody has said.
-- A literal, so that an hour without news moves it on by one statement that needs no running warehouse
-- (orchestration/checked_until.py). Written after the tables that the marts show, so never newer than they are.
-- depends_on: {{ ref('int_documents_billed') }}
-- depends_on: {{ ref('int_tax') }}
{{ config(materialized='view') }}
{%- set instant = var('checked_until', none) %}
select cast({{ "'" ~ instant ~ "'" if instant else 'null' }} as timestamptz) as checked_until
