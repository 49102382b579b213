-- One row: everything that is to be published is built and every rule on it holds. Refuses, with a sentence, records of
-- two accounts and a build that deletes too much.
{% for candidate in [
    'int_documents_billed',
    'int_documents_in_question',
    'int_income_vouchers',
    'int_orders_pipeline',
    'int_payments',
    'int_reconciliation',
    'int_tax',
] -%}
-- depends_on: {{ ref(candidate) }}
{% endfor -%}
-- depends_on: {{ ref('int_documents') }}
-- depends_on: {{ ref('loaded_reads_stg') }}
{{ refuse_two_accounts() }}
{{ refuse_many_deletes() }}
select
    count(*) as document_count,
    cast(coalesce(sum(net_eur), 0) as numeric(38, 2)) as net_eur,
    cast(current_timestamp as timestamptz) as released_at
from {{ ref('int_documents_billed') }}
