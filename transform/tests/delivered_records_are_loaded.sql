-- Streams of which fewer records are in the warehouse than the latest read says it delivered: part of what was read did
-- not arrive, as when one table's load failed and the others' did not. Nothing is published; the next full read
-- (make nightly) repairs it.

select
    stream,
    mode,
    started_at,
    delivered,
    loaded
from {{ ref('loaded_reads_stg') }}
where loaded < delivered
