{# Offers and order confirmations on their way to an invoice: no drafts and delivery notes. `question_code`: why one is set
   aside although it would be listed. #}
{% macro orders_on_their_way() -%}
    with dated as (

        select
            *,
            order_date as document_date
        from {{ ref('orders_stg') }}
        where not is_deleted and coalesce(order_type, '') <> 'LI' and coalesce(status, '') <> '100'

    )

    select
        *,
        case
            when coalesce(order_type, '') not in ('AN', 'AB') then 'unknown_type'
            when coalesce(status, '') not in ('200', '300', '500', '750', '1000') then 'unknown_status'
            {{ cannot_be_read(['net', 'gross']) }}
        end as question_code
    from dated
{%- endmacro %}
