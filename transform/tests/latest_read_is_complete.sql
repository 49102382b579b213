-- Streams whose latest read did not end well; `data_as_of` says how old the figures are.
{{ config(severity='warn', meta={'about': 'reading'}) }}

select
    stream,
    last_read_started_at,
    data_as_of
from {{ ref('pipeline_status') }}
where not last_read_is_complete
