{# The moment up to which invoices and credit notes have both been read completely, as a query of one row.
   Rows that could not be decoded are in question one by one; all others of such a read are here. #}
{% macro latest_complete_read() -%}
    select case when count(*) = 2 then min(started_at) end as data_as_of
    from (
        select
            stream,
            max(started_at) as started_at
        from {{ ref('extractions_stg') }}
        where
            (is_complete or incomplete_because = 'unreadable rows') and stream in ('invoices', 'credit_notes')
            and started_at <= {{ soon() }}
        group by stream
    ) as latest_reads
{%- endmacro %}
