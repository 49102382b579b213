-- The documents that count, with the amounts by which they raise or lower what has been billed.
{% set readings = {'unconfirmed': 'remaining', 'remaining': 'remaining', 'cumulative': 'cumulative'} -%}
{% if var('final_invoice_amounts') not in readings -%}
    {{ exceptions.raise_compiler_error(
        "final_invoice_amounts is '" ~ var('final_invoice_amounts') ~ "'; write unconfirmed, remaining or cumulative"
    ) }}
{%- endif -%}
with documents as (

    select
        documents.*,
        amounts.fx_source,
        amounts.listed_net,
        amounts.listed_tax,
        amounts.listed_gross,
        amounts.listed_paid,
        amounts.gross_document_currency,
        reversals.document_id is not null as is_reversed,
        coalesce(reversals.is_cancelled, false) as is_cancelled
    from {{ ref('int_documents') }} as documents
    inner join {{ ref('int_document_amounts') }} as amounts on documents.document_id = amounts.document_id
    left join {{ ref('int_document_reversals') }} as reversals on documents.document_id = reversals.document_id
    where documents.exclusion_reason is null

),

-- per order: what its partial and advance invoices have billed already, cancelled ones not counted
billed_before as (

    select
        order_id,
        count(*) as earlier_documents,
        cast(sum(listed_net) as numeric(38, 2)) as net,
        cast(sum(listed_tax) as numeric(38, 2)) as tax,
        cast(sum(listed_gross) as numeric(38, 2)) as gross
    from documents
    where document_class in ('partial', 'advance') and order_id is not null and not is_cancelled
    group by order_id

),

final_invoices as (

    select
        documents.sevdesk_id as invoice_id,
        billed_before.earlier_documents,
        billed_before.net,
        billed_before.tax,
        billed_before.gross
    from documents
    inner join billed_before on documents.order_id = billed_before.order_id
    where documents.document_class = 'final'

),

negative_invoices as (

    select sevdesk_id as invoice_id
    from documents
    where source = 'invoice' and document_class <> 'cancellation' and listed_gross < 0

),

-- `sign` turns a cancellation or credit note negative, whatever sign sevDesk sends; what cancels a negative invoice
-- turns positive. Everything else stays as delivered.
signed as (

    select
        documents.*,
        coalesce(final_invoices.earlier_documents, 0) as earlier_documents,
        case
            when documents.document_class not in ('cancellation', 'credit_note') then 1
            when (documents.listed_gross < 0) = (negative_invoices.invoice_id is null) then 1
            else -1
        end as sign,
        -- a final invoice that repeats what was billed before is lowered by it, and so is its cancellation
        case when '{{ readings[var("final_invoice_amounts")] }}' = 'cumulative' then 1 else 0 end
        * case when documents.document_class = 'final' then -1 else 1 end as earlier_sign,
        coalesce(final_invoices.net, 0) as earlier_net,
        coalesce(final_invoices.tax, 0) as earlier_tax,
        coalesce(final_invoices.gross, 0) as earlier_gross
    from documents
    left join negative_invoices
        on documents.document_class = 'cancellation' and documents.reverses_invoice_id = negative_invoices.invoice_id
    left join final_invoices
        on case documents.document_class
            when 'final' then documents.sevdesk_id
            when 'cancellation' then documents.reverses_invoice_id
        end = final_invoices.invoice_id

)

select
    document_id,
    source,
    sevdesk_id,
    number,
    document_type,
    document_class,
    status,
    document_date,
    delivery_date,
    pay_date,
    days_to_pay,
    contact_id,
    order_id,
    reverses_invoice_id,
    address_name,
    currency,
    fx_source,
    tax_rule_id,
    tax_type,
    dunning_level,
    is_reversed,
    is_cancelled,
    cast(sign * listed_net + earlier_sign * earlier_net as numeric(38, 2)) as net_eur,
    cast(sign * listed_tax + earlier_sign * earlier_tax as numeric(38, 2)) as tax_eur,
    cast(sign * listed_gross + earlier_sign * earlier_gross as numeric(38, 2)) as gross_eur,
    cast(sign * gross_document_currency as numeric(38, 2)) as gross_document_currency,
    listed_paid as paid_eur,
    earlier_documents,
    earlier_net,
    earlier_gross,
    updated_at,
    read_at
from signed
