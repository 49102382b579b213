{# The moment up to which every stream that the figures need has been read completely, as a query of one row. #}
{% macro latest_complete_read() -%}
    select case when count(*) = 2 then min(started_at) end as data_as_of
    from (
        select
            stream,
            max(started_at) as started_at
        from {{ ref('extractions_stg') }}
        where is_complete and stream in ('invoices', 'credit_notes')
        group by stream
    ) as latest_reads
{%- endmacro %}
