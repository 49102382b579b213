{# The newest version of every record of a stream, with `is_deleted`.

   Newest: read last. A record that is read again is as sevDesk has it now, even where `update` has not moved (payments
   need not move it).

   Deleted: sevDesk deletes without a trace, so a record is gone when the latest complete full read of its stream did
   not see it, i.e. when it was last read before that read began. Without such a read nothing is deleted, and a read is
   believed only when its rows are here: that the tap sent them is no proof that they were loaded, and one that sent none
   of the records it saw, as none was news, tells nothing. The latest of three complete full reads that arrived counts;
   when the very latest did not, a rule fails as well. #}
{% macro current_rows(stream, has_creation_time=true) -%}
    {% set delivered_in_full = "mode = 'full' and complete and (records > 0 or coalesce(distinct_records, 0) = 0)" -%}
    select
        records.*,
        coalesce(records._sdc_extracted_at < full_read.started_at, false) as is_deleted
    from {{ source('sevdesk', stream) }} as records
    cross join (
        select max(started_at) as started_at
        from (
            {{ loaded_reads(stream, delivered_in_full, 'partition by mode', 3, has_creation_time) }}
        ) as full_reads
        where loaded >= delivered
    ) as full_read
    qualify row_number() over (
        partition by records.id
        order by records._sdc_extracted_at desc nulls last, records._sdc_sequence desc nulls last
    ) = 1
{%- endmacro %}
