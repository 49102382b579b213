select
    orders.order_id,
    orders.number,
    orders.order_type,
    orders.order_type_name,
    orders.status,
    orders.status_name,
    orders.is_open,
    orders.order_date,
    orders.order_month,
    orders.customer_id,
    orders.customer_name,
    orders.currency,
    orders.net_eur,
    orders.gross_eur,
    as_of.data_as_of
from {{ ref('published_orders_pipeline') }} as orders
cross join {{ ref('int_data_as_of') }} as as_of
