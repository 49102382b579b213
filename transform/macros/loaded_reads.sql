{# The latest reads of a stream, with how many records each delivered and how many of these are loaded: extracted while it
   ran, or since although they had been created before it ended (they have been read again). A read that began in the
   future of this clock is left out. `which`: condition on extractions; the latest `count` of each partition. #}
{% macro loaded_reads(stream, which, partition, count, has_creation_time=true) -%}
    select
        reads.started_at,
        reads.mode,
        reads.delivered,
        count(distinct loaded.id) as loaded
    from (
        select
            started_at,
            mode,
            coalesce(finished_at, started_at) as finished_at,
            -- a read may hand a record over twice, or leave out what is no news
            case when records < distinct_records then records else coalesce(distinct_records, records) end as delivered
        from {{ source('sevdesk', 'extractions') }}
        where stream = '{{ stream }}' and {{ which }} and started_at <= {{ soon() }}
        qualify row_number() over ({{ partition }} order by started_at desc) <= {{ count }}
    ) as reads
    left join {{ source('sevdesk', stream) }} as loaded
        on
            loaded._sdc_extracted_at >= reads.started_at
            {% if has_creation_time -%}
                and (
                    loaded._sdc_extracted_at <= reads.finished_at
                    or loaded.{{ reserved('create') }} <= reads.finished_at
                )
            {%- endif %}
    group by reads.started_at, reads.mode, reads.delivered
{%- endmacro %}

{# The latest moment that a time stamp may bear: now, and as much as two clocks may differ. #}
{% macro soon() -%}
    cast({{ dbt.dateadd('minute', 10, 'current_timestamp') }} as timestamptz)
{%- endmacro %}

{# The streams that the models read, and whether their records say when they were created. #}
{% macro needed_streams() -%}
    {{ return({
        'categories': true,
        'check_account_transaction_logs': true,
        'check_account_transactions': true,
        'contact_addresses': true,
        'contacts': true,
        'credit_note_positions': true,
        'credit_notes': true,
        'invoice_positions': true,
        'invoices': true,
        'orders': true,
        'vouchers': true,
        'static_countries': false,
    }) }}
{%- endmacro %}
