{# After a run: which documents break a rule, up to five of them, by number or id; never by what they hold. A rule that
   can say it better has a column `sentence`. For whoever looks at the console or the log of the run. #}
{% macro name_culprits(results) -%}
    {% for result in (results if execute and flags.WHICH in ('build', 'test') else []) -%}
        {% if result.node.resource_type == 'test' and result.status in ('fail', 'warn') -%}
            {% set rows = run_query('select * from (' ~ result.node.compiled_code ~ ') as broken limit 5') -%}
            {% set said = [] -%}
            {% for row in rows.rows -%}
                {% set words = name_of(row, rows.column_names) -%}
                {% if words and words not in said -%}{% do said.append(words) -%}{%- endif %}
            {%- endfor %}
            {% if said -%}{% do log(result.node.name ~ ': ' ~ said | join(', '), info=true) -%}{%- endif %}
        {%- endif %}
    {%- endfor %}
{%- endmacro %}

{% macro name_of(row, column_names) -%}
    {% set columns = column_names | map('lower') | list -%}
    {% set found = namespace(words=none) -%}
    {% for name in ['sentence', 'number', 'document_id', 'sevdesk_id', 'invoice_id', 'customer_id', 'stream'] -%}
        {% if found.words is none and name in columns -%}
            {% set found.words = row[columns.index(name)] -%}
        {%- endif %}
    {%- endfor %}
    {{ return(found.words) }}
{%- endmacro %}
