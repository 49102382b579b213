select
    id as extraction_id,
    run_id,
    stream,
    mode,
    since,
    started_at,
    finished_at,
    requests,
    retries,
    records,
    distinct_records,
    total_before,
    total_after,
    complete as is_complete,
    incomplete_because,
    account,
    cast(unknown_fields as varchar) as unknown_fields
from {{ source('sevdesk', 'extractions') }}
qualify row_number() over (partition by id order by _sdc_extracted_at desc nulls last) = 1
