{# A customer by name: the firm's, the contact's, that on the document; without any, as when names are kept out of the
   warehouse (tap-sevdesk's preset), by customer number. Wants contacts_stg joined as `firms` and as `contacts`. #}
{% macro customer_name(on_document) -%}
    coalesce(
        firms.contact_name, contacts.contact_name, {{ on_document }},
        firms.customer_number, contacts.customer_number, 'Unknown'
    )
{%- endmacro %}
