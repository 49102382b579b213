-- One row: whose figures they are and how far they reach.
with documents as (

    select count(case when fx_source = 'ecb' then 1 end) as foreign_documents
    from {{ ref('invoices_summary') }}

),

accounts as (

    select max(account_id) as account from {{ ref('loaded_records_stg') }}

),

reads as (

    select max(last_change_loaded_at) as last_change_at from {{ ref('pipeline_status') }}

),

rates as (

    select max(rate_date) as rates_as_of from {{ ref('exchange_rates_stg') }}

)

select
    accounts.account,
    as_of.data_as_of,
    reads.last_change_at,
    rates.rates_as_of,
    documents.foreign_documents,
    {{ start_day() }} as complete_since,
    '{{ var("final_invoice_amounts") }}' as final_invoice_amounts
from documents
cross join {{ ref('int_data_as_of') }} as as_of
cross join accounts
cross join reads
cross join rates
