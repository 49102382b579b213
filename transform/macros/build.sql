{# What the tables are built from, as a query with one row for each part: the records as staging shows them, and the
   code. Not when a record was read: reading it again without a change makes no other figures.
   `hash` is of 64 bits, and their sum does not depend on the order of the rows. Its values differ between DuckDB and
   Snowflake, and may between two versions of either; then everything is built once more. #}
{% macro fingerprint(code) -%}
    {% for model in [
        'contact_addresses_stg',
        'contacts_stg',
        'credit_note_positions_stg',
        'credit_notes_stg',
        'exchange_rates_stg',
        'invoice_positions_stg',
        'invoices_stg',
        'static_countries_stg',
        'unreadable_rows_stg',
    ] -%}
        select
            '{{ model }}' as part,
            cast(count(*) as varchar) || ' records, ' || coalesce(
                cast(sum(hash({{ columns_of(model) | reject('equalto', 'read_at') | join(', ') }})) as varchar), '0'
            ) as content
        from {{ ref(model) }}
        union all
    {% endfor -%}
    select
        'code' as part,
        '{{ code }}' as content
{%- endmacro %}

{# The columns of a model by its description, which has all of them (a test sees to it). #}
{% macro columns_of(model) -%}
    {% set found = graph.nodes.values() | selectattr('name', 'equalto', model) | first if execute -%}
    {{ return(found.columns.keys() | list if found else ['null']) }}
{%- endmacro %}

{# Whether this run of dbt was asked for everything: all models, seeds and tests. #}
{% macro is_whole_build() -%}
    {% set all = graph.nodes.values() | selectattr('resource_type', 'in', ['model', 'seed', 'test']) if execute -%}
    {{ return(not (all | map(attribute='unique_id') | reject('in', selected_resources) | list) if execute else false) }}
{%- endmacro %}

{# The names of models and seeds that are not in the warehouse; of none where dbt only compiles and does not look. #}
{% macro missing_relations() -%}
    {% set missing = [] -%}
    {% for node in (graph.nodes.values() if flags.WHICH in ('build', 'test') and execute else []) if node.resource_type in ('model', 'seed') -%}
        {% if not load_relation(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias)) -%}
            {% do missing.append(node.name) -%}
        {% endif -%}
    {% endfor -%}
    {{ return(missing) }}
{%- endmacro %}

{# After a run of tests in which nothing_has_changed_since_the_build holds, the figures hold all that was read since:
   data_as_of moves on, though no model is built. Says since when nothing has changed. #}
{% macro move_data_as_of(results) -%}
    {% set finished, as_of, read_until = ref('int_build_finished'), ref('int_data_as_of'), latest_complete_read() -%}
    {% set proofs = results | selectattr('node.name', 'equalto', 'nothing_has_changed_since_the_build') if execute else [] -%}
    {% if flags.WHICH == 'test' and (proofs | selectattr('status', 'equalto', 'pass') | list) -%}
        {% set since = run_query('select max(finished_at) from ' ~ finished).columns[0].values()[0] -%}
        {% do log('Nothing has changed since ' ~ since.isoformat(), info=true) -%}
        update {{ as_of }} set data_as_of = ({{ read_until }})
    {%- endif %}
{%- endmacro %}
