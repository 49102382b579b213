-- Streams of which the latest read saw fewer or more different records than the server counts. The figures may lack
-- records; the next full read (make nightly) repairs it.
select
    stream,
    distinct_records,
    total_before,
    total_after
from {{ ref('pipeline_status') }}
where not count_agrees
