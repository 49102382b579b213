-- The documents that count, with all that is said of them except how old it is. The marts are views over this table, so
-- it is built only when every rule before it holds: until then they go on showing the figures as they were.
with documents as (

    select
        *,
        document_class in ('invoice', 'partial', 'advance', 'final') as is_claim,
        cast({{ dbt.dateadd('day', 'days_to_pay', 'document_date') }} as date) as due_date
    from {{ ref('int_documents_signed') }}

),

settled as (

    select
        documents.*,
        settlements.credited_eur,
        settlements.open_eur,
        -- closed although less was paid and credited: Skonto, bank charges, small differences
        case
            when
                documents.is_claim and documents.status = '1000' and not documents.is_cancelled
                and documents.paid_eur > 0 and documents.paid_eur + settlements.credited_eur < documents.gross_eur
                then cast(documents.gross_eur - documents.paid_eur - settlements.credited_eur as numeric(38, 2))
            else cast(0 as numeric(38, 2))
        end as cash_discount_eur
    from documents
    inner join {{ ref('int_document_settlements') }} as settlements
        on documents.document_id = settlements.document_id

)

select
    settled.document_id,
    settled.source,
    settled.sevdesk_id,
    settled.number,
    settled.document_type,
    settled.document_class,
    settled.status,
    case settled.status when '200' then 'open' when '750' then 'partly paid' when '1000' then 'paid' end as status_name,
    settled.is_cancelled,
    settled.document_date as invoice_date,
    cast(date_trunc('month', settled.document_date) as date) as invoice_month,
    cast(extract(year from settled.document_date) as integer) as invoice_year,
    case when settled.is_claim then settled.due_date end as due_date,
    settled.pay_date,
    settled.delivery_date,
    services.service_date,
    settled.contact_id,
    -- a contact person's documents are the firm's; documents without contact and name are nobody's in common
    coalesce(
        firms.contact_id,
        settled.contact_id,
        'without contact: ' || coalesce(settled.address_name, settled.document_id)
    ) as customer_id,
    {{ customer_name('settled.address_name') }} as customer_name,
    places.zip,
    places.city,
    places.city_source,
    places.country_code,
    places.country_name,
    places.country_source,
    settled.currency,
    settled.fx_source,
    settled.gross_document_currency,
    settled.net_eur,
    settled.tax_eur,
    settled.gross_eur,
    -- an advance is revenue when the final invoice settles it, not before
    case
        when {{ var('advance_invoices_are_revenue') }} then settled.net_eur
        when settled.is_advance then cast(0 as numeric(38, 2))
        else cast(settled.net_eur + settled.recognised_advance_net_eur as numeric(38, 2))
    end as net_revenue_eur,
    settled.is_advance,
    settled.uncertain_net_eur,
    settled.uncertain_gross_eur,
    case when settled.is_claim then settled.paid_eur else cast(0 as numeric(38, 2)) end as paid_eur,
    settled.credited_eur,
    settled.open_eur,
    settled.cash_discount_eur,
    settled.dunning_level,
    coalesce(settled.tax_rule_id, settled.tax_type, 'unknown') as tax_rule,
    settled.updated_at,
    settled.read_at
from settled
inner join {{ ref('int_document_places') }} as places on settled.document_id = places.document_id
inner join {{ ref('int_document_services') }} as services on settled.document_id = services.document_id
left join {{ ref('contacts_stg') }} as contacts on settled.contact_id = contacts.contact_id
left join {{ ref('contacts_stg') }} as firms on contacts.parent_id = firms.contact_id
