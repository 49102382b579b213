-- Offers and order confirmations on their way to an invoice. Drafts and delivery notes are left out; what cannot be
-- read is in question.
with on_their_way as (

    {{ orders_on_their_way() }}

),

orders as (

    select
        *,
        -- never 1:1, and never nothing: a foreign order counts only with an amount that sevDesk holds in home currency
        currency = '{{ var("home_currency") }}'
        or (sum_gross <> 0 and sum_gross_foreign_currency <> 0 and sum_gross_foreign_currency <> sum_gross)
            as is_in_home_currency
    from on_their_way
    where question_code is null

)

select
    orders.order_id,
    orders.number,
    orders.order_type,
    case orders.order_type
        when 'AN' then 'offer' when 'AB' then 'order confirmation'
        else orders.order_type
    end as order_type_name,
    orders.status,
    case orders.status
        when '200' then 'sent' when '300' then 'rejected' when '500' then 'accepted'
        when '750' then 'partly invoiced' when '1000' then 'invoiced'
        else 'unknown'
    end as status_name,
    coalesce(orders.status in ('200', '500', '750'), false) as is_open,
    orders.order_date,
    cast(date_trunc('month', orders.order_date) as date) as order_month,
    coalesce(
        firms.contact_id, orders.contact_id, 'without contact: ' || coalesce(orders.address_name, orders.order_id)
    ) as customer_id,
    {{ customer_name('orders.address_name') }} as customer_name,
    orders.currency,
    case when orders.is_in_home_currency then cast(orders.sum_net as numeric(38, 2)) end as net_eur,
    case when orders.is_in_home_currency then cast(orders.sum_gross as numeric(38, 2)) end as gross_eur
from orders
left join {{ ref('contacts_stg') }} as contacts on orders.contact_id = contacts.contact_id
left join {{ ref('contacts_stg') }} as firms on contacts.parent_id = firms.contact_id
