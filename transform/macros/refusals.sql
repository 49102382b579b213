{# What no build publishes. Each raises an error of one sentence that says what to do; the marts stay as they were. #}

{# Figures of two firms are never added up, whatever made the records of both arrive. #}
{% macro refuse_two_accounts() -%}
    {% set accounts -%}
        select distinct account_id from {{ ref('loaded_records_stg') }} where account_id is not null order by account_id
    {%- endset -%}
    {% if execute and flags.WHICH in ('build', 'run') -%}
        {% set found = run_query(accounts).columns[0].values() -%}
        {% if found | length > 1 -%}
            {{ exceptions.raise_compiler_error(
                "The warehouse holds records of " ~ found | length ~ " sevDesk accounts (sevClient " ~ found | join(', ')
                ~ "), and figures of two firms are never added up: nothing is published. Start anew with `make reset`, or"
                ~ " load the other account into another database."
            ) }}
        {%- endif %}
    {%- endif %}
{%- endmacro %}

{# The brake: a list that is empty or half for a moment, or a user who may see half of it, looks like deletion. A build
   in which deletion alone takes 2 % of the published documents or of their net amount away is not published. #}
{% macro refuse_many_deletes() -%}
    {% set candidates = ref('int_documents') -%}
    {% set accepted = var('accept_deletes') or env_var('ACCEPT_DELETES', '') == '1' -%}
    {% if execute and flags.WHICH in ('build', 'run') and not accepted -%}
        {% set published = load_relation(
            api.Relation.create(database=this.database, schema=this.schema, identifier='published_documents')
        ) -%}
        {% if published -%}
            {% set lost -%}
                select
                    count(*),
                    coalesce(sum(published.net_eur), 0),
                    coalesce(sum(case when present.document_id is null then 1 else 0 end), 0),
                    coalesce(sum(case when present.document_id is null then published.net_eur else 0 end), 0)
                from {{ published }} as published
                left join {{ candidates }} as present
                    on published.document_id = present.document_id and not present.is_deleted
            {%- endset -%}
            {% set documents, net, lost_documents, lost_net = run_query(lost).rows[0].values() -%}
            {% if lost_documents and (100 * lost_documents >= 2 * documents or 100 * (lost_net | abs) >= 2 * (net | abs)) -%}
                {{ exceptions.raise_compiler_error(
                    lost_documents ~ " of " ~ documents ~ " published documents (" ~ '{:,.2f}'.format(lost_net) ~ " of "
                    ~ '{:,.2f}'.format(net) ~ " EUR net) are no longer in sevDesk's lists: nothing is published."
                    ~ " If they were really deleted, run `make accept-deletes`; if not, see whether the user of the token may"
                    ~ " see all documents, and run `make nightly`."
                ) }}
            {%- endif %}
        {%- endif %}
    {%- endif %}
{%- endmacro %}
