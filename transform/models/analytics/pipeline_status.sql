with reads as (

    -- an account need not have every list: one that it lacks is no failed read, unless a figure needs it
    select * from {{ ref('extractions_stg') }}
    where
        incomplete_because is distinct from 'not offered'
        or stream in (
            {% for stream in needed_streams() -%}
                '{{ stream }}'{{ ',' if not loop.last }}
            {% endfor -%}
        )

),

latest as (

    select * from reads
    qualify row_number() over (partition by stream order by started_at desc, extraction_id desc) = 1

),

complete_reads as (

    select
        stream,
        max(started_at) as data_as_of,
        max(case when mode = 'full' then started_at end) as last_full_read_at,
        max(case when records > 0 then finished_at end) as last_change_loaded_at
    from reads
    where is_complete
    group by stream

)

select
    latest.stream,
    -- a later read that found nothing new wrote nothing down but this
    case
        when latest.is_complete and latest_check.checked_until > complete_reads.data_as_of
            then latest_check.checked_until
        else complete_reads.data_as_of
    end as data_as_of,
    complete_reads.last_change_loaded_at,
    complete_reads.last_full_read_at,
    latest.started_at as last_read_started_at,
    latest.finished_at as last_read_finished_at,
    latest.mode as last_read_mode,
    latest.is_complete as last_read_is_complete,
    latest.records,
    latest.distinct_records,
    latest.total_before,
    latest.total_after,
    -- records come and go while we read, so what was seen must lie between the server's counts before and after
    case
        when latest.total_before <= latest.total_after
            then latest.distinct_records between latest.total_before and latest.total_after
        when latest.total_before > latest.total_after
            then latest.distinct_records between latest.total_after and latest.total_before
    end as count_agrees,
    latest.requests,
    latest.retries,
    latest.unknown_fields
from latest
left join complete_reads on latest.stream = complete_reads.stream
cross join {{ ref('checked_until') }} as latest_check
