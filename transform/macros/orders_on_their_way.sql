{# Offers and order confirmations on their way to an invoice: no drafts and delivery notes. `question_code`: why one is set
   aside although it would be listed. #}
{% macro orders_on_their_way() -%}
    with dated as (

        select
            *,
            order_date as document_date
        from {{ ref('orders_stg') }}
        where not is_deleted and order_type in ('AN', 'AB') and coalesce(status, '') <> '100'

    )

    select
        *,
        case
            {{ cannot_be_read(['net', 'gross']) }}
        end as question_code
    from dated
{%- endmacro %}
