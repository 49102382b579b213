-- One row: the moment up to which the figures hold all that sevDesk has. A read without news writes nothing down, so it
-- is the later one of the latest complete read and of when nothing new was found.
{{ config(materialized='view') }}

select
    case
        when latest_check.checked_until > latest_read.data_as_of then latest_check.checked_until
        else latest_read.data_as_of
    end as data_as_of
from {{ ref('int_latest_read') }} as latest_read
cross join {{ ref('checked_until') }} as latest_check
