{# The newest version of every record of a stream, with `is_deleted`.

   Newest: read last. A record that is read again is as sevDesk has it now, even where `update` has not moved (payments
   need not move it).

   Deleted: sevDesk deletes without a trace, so a record is gone when the latest complete full read of its stream did
   not see it, i.e. when it was last read before that read began. Without such a read nothing is deleted. #}
{% macro current_rows(stream) -%}
    select
        records.*,
        coalesce(records._sdc_extracted_at < full_read.started_at, false) as is_deleted
    from {{ source('sevdesk', stream) }} as records
    cross join (
        select max(started_at) as started_at
        from {{ source('sevdesk', 'extractions') }}
        where stream = '{{ stream }}' and mode = 'full' and complete
    ) as full_read
    qualify row_number() over (
        partition by records.id
        order by records._sdc_extracted_at desc nulls last, records._sdc_sequence desc nulls last
    ) = 1
{%- endmacro %}
