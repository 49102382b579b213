select
    orders.*,
    as_of.data_as_of
from {{ ref('published_orders_pipeline') }} as orders
cross join {{ ref('int_data_as_of') }} as as_of
