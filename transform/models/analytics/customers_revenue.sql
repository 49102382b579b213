with customers as (

    select
        customer_id,
        max(customer_name) as customer_name,
        count(*) as document_count,
        cast(sum(net_eur) as numeric(38, 2)) as total_net_eur,
        cast(sum(gross_eur) as numeric(38, 2)) as total_gross_eur,
        cast(sum(open_eur) as numeric(38, 2)) as open_eur,
        cast(sum(cash_discount_eur) as numeric(38, 2)) as cash_discount_eur,
        min(invoice_date) as first_invoice_date,
        max(invoice_date) as last_invoice_date,
        {{ quotient('sum(days_until_paid)', 'count(days_until_paid)', 0, 0, places=1) }} as average_days_to_pay,
        max(data_as_of) as data_as_of
    from {{ ref('invoices_summary') }}
    group by customer_id

)

select
    customer_id,
    customer_name,
    document_count,
    total_net_eur,
    total_gross_eur,
    {{ share_pct('total_net_eur', 'sum(total_net_eur) over ()') }} as share_pct,
    rank() over (order by total_net_eur desc) as rank_overall,
    open_eur,
    cash_discount_eur,
    first_invoice_date,
    last_invoice_date,
    average_days_to_pay,
    data_as_of
from customers
