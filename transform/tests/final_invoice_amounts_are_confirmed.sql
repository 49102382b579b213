-- Final invoices whose order also has partial or advance invoices, with the amount under both readings. Look one up in
-- sevDesk, then set the variable final_invoice_amounts to the reading that fits, and this warning ends.
{{ config(severity='warn') }}

{% set is_cumulative = var('final_invoice_amounts') == 'cumulative' -%}
with open_cases as (

    select
        document_id,
        number,
        earlier_documents,
        cast(net_eur {{ '+ earlier_net' if is_cumulative }} as numeric(38, 2)) as net_if_remaining,
        cast(net_eur {{ '- earlier_net' if not is_cumulative }} as numeric(38, 2)) as net_if_cumulative,
        gross_eur,
        earlier_gross
    from {{ ref('int_documents_signed') }}
    where
        document_class = 'final' and earlier_documents > 0 and not is_cancelled
        and '{{ var("final_invoice_amounts") }}' = 'unconfirmed'

)

select
    *,
    'Set the variable final_invoice_amounts in transform/dbt_project.yml: '
    || {{ amount_text('sum(net_if_remaining - net_if_cumulative) over ()') }} || ' EUR net depend on it. '
    || 'Look up ' || min(coalesce(number, document_id)) over ()
    || case when count(*) over () > 1 then ' and ' || max(coalesce(number, document_id)) over () else '' end
    || ' in sevDesk: if its amount is what remained to be paid, write remaining; if it is the whole job, cumulative.'
        as sentence
from open_cases
