select
    payments.*,
    as_of.data_as_of
from {{ ref('published_payments') }} as payments
cross join {{ ref('int_data_as_of') }} as as_of
