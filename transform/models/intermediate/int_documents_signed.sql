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
        -- what puts a rate of VAT right may be nothing gross
        case when amounts.listed_gross <> 0 then amounts.listed_gross else amounts.listed_net end < 0 as is_negative,
        coalesce(reversals.is_cancelled, false) as is_cancelled,
        coalesce(reversals.reversed_beyond_eur, 0) as reversed_beyond_eur
    from {{ ref('int_documents') }} as documents
    inner join {{ ref('int_document_amounts') }} as amounts on documents.document_id = amounts.document_id
    left join {{ ref('int_document_reversals') }} as reversals on documents.document_id = reversals.document_id
    where documents.exclusion_reason is null

),

-- -1 for what lowers a total by itself: a negative amount, and what takes a document back
kinds as (

    select
        document_id,
        names_document_id,
        document_class = 'advance' as is_advance,
        document_class in ('cancellation', 'credit_note') as takes_back,
        case
            when document_class in ('cancellation', 'credit_note') or is_negative then -1
            else 1
        end as direction
    from documents

),

-- What takes a document back counts against it, whatever sign sevDesk sends: negative for an invoice, positive for a
-- negative invoice and for what itself takes an invoice back.
directions as (

    select
        kinds.document_id,
        case
            when not kinds.takes_back or taken_back.document_id is null then kinds.direction
            when not taken_back.takes_back then -taken_back.direction
            else coalesce(stands_again.direction, 1)
        end as direction,
        -- what takes an advance back is one itself
        coalesce(
            case when taken_back.takes_back then stands_again.is_advance else taken_back.is_advance end,
            kinds.is_advance
        ) as is_advance
    from kinds
    left join kinds as taken_back on kinds.names_document_id = taken_back.document_id
    left join kinds as stands_again on taken_back.names_document_id = stands_again.document_id

),

turned as (

    select
        documents.*,
        directions.is_advance,
        case when documents.is_negative = (directions.direction < 0) then 1 else -1 end as sign,
        case
            when documents.document_class = 'final' then documents.document_id
            else documents.reverses_document_id
        end as final_invoice_id,
        -- an SR first, else the largest credit note
        row_number() over (
            partition by documents.reverses_document_id
            order by documents.document_class asc, abs(documents.listed_gross) desc, documents.document_id asc
        ) as reversal_place
    from documents
    inner join directions on documents.document_id = directions.document_id

),

-- partial and advance invoices of an order that are not cancelled, each less what was credited of it
earlier_invoices as (

    select
        invoices.order_id,
        invoices.document_class,
        invoices.document_date,
        invoices.document_id,
        max(invoices.listed_net) + coalesce(sum(credits.sign * credits.listed_net), 0) as net,
        max(invoices.listed_tax) + coalesce(sum(credits.sign * credits.listed_tax), 0) as tax,
        max(invoices.listed_gross) + coalesce(sum(credits.sign * credits.listed_gross), 0) as gross
    from turned as invoices
    left join turned as credits on invoices.document_id = credits.reverses_document_id
    where
        invoices.document_class in ('partial', 'advance') and invoices.order_id is not null
        and not invoices.is_cancelled
    group by invoices.order_id, invoices.document_class, invoices.document_date, invoices.document_id

),

-- the final invoice that settles them: an order's last one, and each one that was cancelled
final_invoices as (

    select
        document_id as invoice_id,
        order_id,
        document_date
    from turned
    where document_class = 'final'
    qualify is_cancelled or row_number() over (
        partition by order_id, is_cancelled order by document_date desc, document_id desc
    ) = 1

),

-- what it settles: what is billed of the same order later is work that it does not hold
billed_before as (

    select
        final_invoices.invoice_id,
        count(*) as earlier_documents,
        cast(sum(earlier.net) as numeric(38, 2)) as net,
        cast(sum(earlier.tax) as numeric(38, 2)) as tax,
        cast(sum(earlier.gross) as numeric(38, 2)) as gross,
        cast(
            sum(case when earlier.document_class = 'advance' then earlier.net else 0 end) as numeric(38, 2)
        ) as advance_net
    from final_invoices
    inner join earlier_invoices as earlier
        on final_invoices.order_id = earlier.order_id and final_invoices.document_date >= earlier.document_date
    group by final_invoices.invoice_id

),

settled as (

    select
        turned.*,
        coalesce(billed_before.earlier_documents, 0) as earlier_documents,
        coalesce(billed_before.net, 0) as earlier_net,
        coalesce(billed_before.tax, 0) as earlier_tax,
        coalesce(billed_before.gross, 0) as earlier_gross,
        coalesce(billed_before.advance_net, 0) as advance_net,
        -- a final invoice settles what was billed before, and what takes it back whole undoes that once
        case
            when turned.document_class = 'final' then 1
            when turned.is_cancelled and turned.reversal_place = 1 then -1
            else 0
        end as settles
    from turned
    left join billed_before
        on turned.final_invoice_id = billed_before.invoice_id

),

{% set reading = readings[var("final_invoice_amounts")] -%}
-- a final invoice that repeats what was billed before is lowered by it, and so is what takes it back whole
lowered as (

    select
        *,
        case when '{{ reading }}' = 'cumulative' then settles else 0 end as lowers,
        case when '{{ var("final_invoice_amounts") }}' = 'unconfirmed' then settles else 0 end as may_lower
    from settled

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
    reverses_document_id,
    address_name,
    currency,
    fx_source,
    tax_rule_id,
    tax_type,
    dunning_level,
    is_cancelled,
    reversed_beyond_eur,
    is_advance,
    cast(sign * listed_net - lowers * earlier_net as numeric(38, 2)) as net_eur,
    cast(sign * listed_tax - lowers * earlier_tax as numeric(38, 2)) as tax_eur,
    cast(sign * listed_gross - lowers * earlier_gross as numeric(38, 2)) as gross_eur,
    cast(sign * gross_document_currency as numeric(38, 2)) as gross_document_currency,
    listed_paid as paid_eur,
    earlier_documents,
    earlier_net,
    earlier_gross,
    cast(settles * advance_net as numeric(38, 2)) as recognised_advance_net_eur,
    cast(may_lower * earlier_net as numeric(38, 2)) as uncertain_net_eur,
    cast(may_lower * earlier_gross as numeric(38, 2)) as uncertain_gross_eur,
    updated_at,
    read_at
from lowered
