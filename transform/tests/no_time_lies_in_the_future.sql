-- Streams with records that say they were read later than now: a clock was wrong, and reads cannot be put in order.
-- Nothing is published; the next full read by the right clock (make nightly) repairs it.

select
    stream,
    record_count,
    latest_read_at
from {{ ref('loaded_records_stg') }}
where latest_read_at > {{ soon() }}
