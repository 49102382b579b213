-- What is open of every counted document, by payments and by the credit notes set against it; never concluded from "the
-- status is not paid". What a credit note holds beyond its invoice's open amount is owed to the customer until it is
-- paid back: negative.
with documents as (

    select
        *,
        document_class in ('invoice', 'partial', 'advance', 'final') as is_claim
    from {{ ref('int_documents_signed') }}

),

-- what an SR took back, and what of it was paid back there
cancelled as (

    select
        reverses_document_id as document_id,
        sum(abs(paid_eur)) as paid_back_eur
    from documents
    where document_class = 'cancellation' and reverses_document_id is not null
    group by reverses_document_id

),

-- Each credit note as far as it takes its invoice back, reckoned as for a positive invoice. `direction` is -1 where the
-- invoice is negative: there everything is the other way round, and so is what is left.
credits as (

    select
        documents.document_id,
        documents.document_date,
        documents.reverses_document_id as invoice_id,
        case when invoices.gross_eur < 0 then -1 else 1 end as direction,
        coalesce(invoices.status = '1000' and not invoices.is_cancelled, false) as is_closed,
        invoices.is_cancelled,
        invoices.gross_eur,
        invoices.paid_eur,
        invoices.reversed_beyond_eur,
        case when invoices.gross_eur < 0 then 1 else -1 end * documents.gross_eur as credited_eur,
        documents.paid_eur as paid_back_eur
    from documents
    left join cancelled on documents.document_id = cancelled.document_id
    left join documents as invoices
        on invoices.is_claim and documents.reverses_document_id = invoices.document_id
    where documents.document_class = 'credit_note' and cancelled.document_id is null

),

usable as (

    select
        *,
        -- what was paid back can no longer be set against an invoice
        credited_eur - case when credited_eur > 0 then least(paid_back_eur, credited_eur) else 0 end as usable_eur
    from credits

),

-- how much of its credit notes an invoice can take: what is not paid of it, less than nothing if too much was paid
set_off as (

    select
        *,
        cast(sum(usable_eur) over (
            partition by coalesce(invoice_id, document_id)
            order by document_date, document_id
            rows between unbounded preceding and current row
        ) as numeric(38, 2)) as usable_so_far,
        case
            -- taken back whole, perhaps at another rate: all but what had been paid and what goes beyond the invoice
            when is_cancelled
                then
                    cast(
                        sum(credited_eur) over (partition by coalesce(invoice_id, document_id)) as numeric(38, 2)
                    ) - direction * paid_eur - reversed_beyond_eur
            else coalesce(direction * (gross_eur - paid_eur), 0)
        end as takes_eur
    from usable

),

applied as (

    select
        document_id,
        invoice_id,
        direction,
        takes_eur,
        usable_eur,
        case
            -- a smaller rest is Skonto: the customer did not pay less by the credit note
            when is_closed then case when usable_so_far <= takes_eur then usable_eur else 0 end
            else least(usable_so_far, takes_eur) - least(usable_so_far - usable_eur, takes_eur)
        end as applied_eur
    from set_off

),

credited_invoices as (

    select
        invoice_id,
        cast(max(direction) * sum(applied_eur) as numeric(38, 2)) as credited_eur,
        -- taken back whole, but not with what was paid back
        cast(max(direction) * (max(takes_eur) - sum(applied_eur)) as numeric(38, 2)) as not_taken_eur
    from applied
    where invoice_id is not null
    group by invoice_id

)

select
    documents.document_id,
    cast(coalesce(credited_invoices.credited_eur, 0) as numeric(38, 2)) as credited_eur,
    cast(
        case
            -- what had been paid of it goes back: to the customer, of a credit note from the customer
            when cancelled.document_id is not null
                then
                    case when documents.is_claim then -sign(documents.paid_eur) else -sign(documents.gross_eur) end
                    * greatest(abs(documents.paid_eur) - cancelled.paid_back_eur, 0)
            when documents.status not in ('200', '750') then 0
            when documents.is_claim and documents.is_cancelled then coalesce(credited_invoices.not_taken_eur, 0)
            when documents.is_claim
                then documents.gross_eur - documents.paid_eur - coalesce(credited_invoices.credited_eur, 0)
            when applied.document_id is not null then applied.direction * (applied.applied_eur - applied.usable_eur)
            else 0
        end as numeric(38, 2)
    ) as open_eur
from documents
left join cancelled on documents.document_id = cancelled.document_id
left join credited_invoices
    on documents.is_claim and documents.document_id = credited_invoices.invoice_id
left join applied on documents.document_id = applied.document_id
