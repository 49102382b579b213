{% for stream in needed_streams() -%}
    select
        '{{ stream }}' as stream,
        account_id,
        count(*) as record_count,
        max(read_at) as latest_read_at
    from (
        select
            {{ json_text('sev_client', 'id') if stream != 'static_countries' else 'cast(null as varchar)' }}
                as account_id,
            _sdc_extracted_at as read_at
        from {{ source('sevdesk', stream) }}
    ) as records
    group by account_id
    {{ 'union all' if not loop.last }}
{% endfor %}
