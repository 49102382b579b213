{# Whether a day lies before SEVDESK_START_DATE. The tap then left out what was last changed before it, so that of earlier
   documents only some are here: a period that begins before it is partial. Never, where no such date is set. #}
{% macro is_before_start(day) -%}
    {% set start = env_var('SEVDESK_START_DATE', '')[:10] -%}
    {{ day ~ " < cast('" ~ start ~ "' as date)" if modules.re.match('[0-9]{4}-[0-9]{2}-[0-9]{2}$', start) else 'false' }}
{%- endmacro %}

{# SEVDESK_START_DATE as a day; empty where none is set. #}
{% macro start_day() -%}
    {% set start = env_var('SEVDESK_START_DATE', '')[:10] -%}
    cast({{ "'" ~ start ~ "'" if modules.re.match('[0-9]{4}-[0-9]{2}-[0-9]{2}$', start) else 'null' }} as date)
{%- endmacro %}
