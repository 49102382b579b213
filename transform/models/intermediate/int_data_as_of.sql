-- One row: the moment up to which every stream that the figures need has been read completely.
with latest_reads as (

    select
        stream,
        max(started_at) as started_at
    from {{ ref('extractions_stg') }}
    where is_complete and stream in ('invoices', 'credit_notes')
    group by stream

)

select case when count(*) = 2 then min(started_at) end as data_as_of
from latest_reads
