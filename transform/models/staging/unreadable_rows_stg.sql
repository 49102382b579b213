with places as (

    {% for place in range(100) -%}
        select {{ place }} as place{{ ' union all' if not loop.last }}
    {% endfor %}

),

noted as (

    select
        extractions.stream,
        extractions.started_at,
        places.place,
        {{ json_item('extractions.unreadable_rows', 'places.place') }} as unreadable_row
    from {{ source('sevdesk', 'extractions') }} as extractions
    cross join places
    where extractions.unreadable_rows is not null

)

select
    stream,
    started_at,
    place,
    {{ json_text('unreadable_row', 'id') }} as record_id,
    {{ json_text('unreadable_row', 'page') }} as page,
    try_cast({{ json_text('unreadable_row', 'offset') }} as bigint) as list_offset,
    {{ json_text('unreadable_row', 'after_id') }} as after_id,
    {{ json_text('unreadable_row', 'before_id') }} as before_id,
    {{ json_text('unreadable_row', 'reason') }} as reason
from noted
where unreadable_row is not null
