-- All lists that the page's figures need, read or not, and those of the others that were read.
with needed as (

    {% for stream in streams_behind('report_documents') -%}
        select '{{ stream }}' as list_name
        {{- ' union distinct ' if not loop.last }}
    {% endfor %}

)

select
    coalesce(needed.list_name, status.stream) as list_name,
    needed.list_name is not null as is_needed,
    status.data_as_of,
    status.last_full_read_at,
    coalesce(status.last_read_is_complete, false) as last_read_is_complete,
    status.count_agrees,
    status.distinct_records,
    status.total_after
from needed
full outer join {{ ref('pipeline_status') }} as status on needed.list_name = status.stream
