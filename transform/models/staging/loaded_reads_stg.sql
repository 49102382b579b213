{% for stream, has_creation_time in needed_streams().items() -%}
    select
        '{{ stream }}' as stream,
        started_at,
        mode,
        delivered,
        loaded
    from (
        {{ loaded_reads(stream, 'true', 'partition by mode', 1, has_creation_time) }}
    ) as latest_reads
    {{ 'union all' if not loop.last }}
{% endfor %}
