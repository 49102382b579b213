with months as (

    select
        invoice_month,
        country_code,
        max(country_name) as country_name,
        count(*) as document_count,
        cast(sum(net_eur) as numeric(38, 2)) as total_net_eur,
        cast(sum(tax_eur) as numeric(38, 2)) as total_tax_eur,
        cast(sum(gross_eur) as numeric(38, 2)) as total_gross_eur,
        max(data_as_of) as data_as_of
    from {{ ref('invoices_summary') }}
    group by invoice_month, country_code

),

-- each month once as itself and once as the previous year of the month twelve later, so that a month without documents
-- this year still shows last year's
both_years as (

    select
        invoice_month,
        country_code,
        country_name,
        document_count,
        total_net_eur,
        total_tax_eur,
        total_gross_eur,
        0 as previous_year_net_eur,
        0 as previous_year_gross_eur,
        data_as_of
    from months

    union all

    select
        cast({{ dbt.dateadd('year', 1, 'invoice_month') }} as date) as invoice_month,
        country_code,
        country_name,
        0 as document_count,
        0 as total_net_eur,
        0 as total_tax_eur,
        0 as total_gross_eur,
        total_net_eur as previous_year_net_eur,
        total_gross_eur as previous_year_gross_eur,
        data_as_of
    from months

)

select
    invoice_month,
    country_code,
    max(country_name) as country_name,
    cast(sum(document_count) as bigint) as document_count,
    cast(sum(total_net_eur) as numeric(38, 2)) as total_net_eur,
    cast(sum(total_tax_eur) as numeric(38, 2)) as total_tax_eur,
    cast(sum(total_gross_eur) as numeric(38, 2)) as total_gross_eur,
    cast(sum(previous_year_net_eur) as numeric(38, 2)) as previous_year_net_eur,
    cast(sum(previous_year_gross_eur) as numeric(38, 2)) as previous_year_gross_eur,
    {{ is_before_start('invoice_month') }} as is_partial_month,
    max(data_as_of) as data_as_of
from both_years
where invoice_month <= (select max(months.invoice_month) from months)
group by invoice_month, country_code
