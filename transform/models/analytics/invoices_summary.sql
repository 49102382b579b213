with as_of as (

    -- today's where nothing has been read completely yet
    select
        data_as_of,
        {{ day_in_germany('coalesce(data_as_of, cast(current_timestamp as timestamptz))') }} as as_of_date
    from {{ ref('int_data_as_of') }}

)

select
    billed.document_id,
    billed.source,
    billed.sevdesk_id,
    billed.number,
    billed.document_type,
    billed.document_class,
    billed.status,
    billed.status_name,
    billed.is_cancelled,
    billed.invoice_date,
    billed.invoice_month,
    billed.invoice_year,
    billed.due_date,
    billed.pay_date,
    billed.delivery_date,
    billed.service_date,
    billed.contact_id,
    billed.customer_id,
    billed.customer_name,
    billed.zip,
    billed.city,
    billed.city_source,
    billed.country_code,
    billed.country_name,
    billed.country_source,
    billed.currency,
    billed.fx_source,
    billed.gross_document_currency,
    billed.net_eur,
    billed.tax_eur,
    billed.gross_eur,
    billed.net_revenue_eur,
    billed.is_advance,
    billed.uncertain_net_eur,
    billed.uncertain_gross_eur,
    billed.paid_eur,
    billed.credited_eur,
    billed.open_eur,
    billed.cash_discount_eur,
    case
        when billed.open_eur > 0 and billed.due_date < as_of.as_of_date
            then datediff('day', billed.due_date, as_of.as_of_date)
        else 0
    end as days_overdue,
    case
        when billed.status = '1000' and not billed.is_cancelled and billed.due_date is not null
            then datediff('day', billed.invoice_date, billed.pay_date)
    end as days_until_paid,
    billed.dunning_level,
    billed.tax_rule,
    {{ is_before_start('billed.invoice_date') }} as is_before_start_date,
    billed.updated_at,
    billed.read_at,
    as_of.data_as_of
from {{ ref('published_documents') }} as billed
cross join as_of
