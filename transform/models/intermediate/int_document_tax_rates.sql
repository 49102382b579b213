-- Counted documents split by the tax rates of their positions. The sums stay those of the document's header: where the
-- positions agree with it, each rate has what its positions come to; else (a discount on the whole, another currency)
-- net is divided as the positions' net amounts, tax as their tax. The rate with the largest part takes what rounding
-- leaves. Where one of the two is nothing in all, as where one rate takes another's place, the other says the parts of
-- both. A line that says no quantity or no price counts by the sum that it says. A document is not split, and its rate
-- is not known, where that cannot be read of one of its lines, or a line with an amount bears no rate.
with lines as (

    select
        'invoice-' || invoice_id as document_id,
        tax_rate,
        quantity * price_net as price,
        sum_discount,
        has_gross_price,
        sum_net,
        has_unreadable_amount,
        created_at
    from {{ ref('invoice_positions_stg') }}
    where not is_deleted

    union all

    select
        'credit_note-' || credit_note_id as document_id,
        tax_rate,
        quantity * price_net as price,
        sum_discount,
        has_gross_price,
        sum_net,
        has_unreadable_amount,
        created_at
    from {{ ref('credit_note_positions_stg') }}
    where not is_deleted

),

positions as (

    select
        document_id,
        tax_rate,
        has_gross_price,
        has_unreadable_amount,
        -- a discount is gross like the price that it is taken off
        cast(coalesce(
            price - case
                when has_gross_price then {{ quotient(
                    'sum_discount', '(100 + tax_rate)', 2, 2, places=6, factor='100'
                ) }}
                else sum_discount
            end,
            sum_net
        ) as numeric(38, 6)) as net,
        coalesce(
            created_at >= {{ dbt.dateadd('minute', -1, 'max(created_at) over (partition by document_id)') }}, false
        ) as is_newest
    from lines

),

-- An edit may make the lines of a document anew, and only the next full read shows that the old ones are gone: where
-- all lines together are not what the document says, and those made last are.
made_anew as (

    select positions.document_id
    from positions
    inner join {{ ref('int_documents') }} as documents on positions.document_id = documents.document_id
    group by positions.document_id
    having
        not {{ are_the_document('positions.net', 'count(*)') }}
        and {{ are_the_document(
            'case when positions.is_newest then positions.net end', 'count(case when positions.is_newest then 1 end)'
        ) }}

),

known as (

    select *
    from positions
    where is_newest or document_id not in (select made_anew.document_id from made_anew)
    qualify max(
        case when has_unreadable_amount or (tax_rate is null and net <> 0) then 1 else 0 end
    ) over (partition by document_id) = 0

),

rates as (

    select
        document_id,
        tax_rate,
        count(*) as line_count,
        max(case when has_gross_price then 1 else 0 end) as has_gross_price,
        cast(sum(round(net, 2)) as numeric(38, 2)) as cents,
        cast(sum(net) as numeric(38, 6)) as weight,
        cast(cast(sum(net * tax_rate) as numeric(38, 4)) * 0.01 as numeric(38, 6)) as tax_weight
    from known
    where tax_rate is not null and net is not null
    group by document_id, tax_rate
    having abs(sum(net)) < {{ unreadable_from() }} -- lines far above what a document may hold say nothing of its parts
    -- a line of text, or lines that come to nothing, are no part beside others
    qualify
        sum(net) <> 0
        or row_number() over (partition by document_id order by abs(sum(net)) desc, tax_rate desc) = 1

),

weighted as (

    select
        signed.document_id,
        signed.net_eur,
        signed.tax_eur,
        signed.gross_eur,
        signed.fx_source,
        rates.tax_rate,
        rates.has_gross_price,
        rates.cents,
        cast(sum(rates.cents) over (partition by signed.document_id) as numeric(38, 2)) as all_cents,
        rates.weight,
        cast(sum(rates.weight) over (partition by signed.document_id) as numeric(38, 6)) as all_weights,
        rates.tax_weight,
        cast(sum(rates.tax_weight) over (partition by signed.document_id) as numeric(38, 6)) as all_tax_weights,
        -- each line may be rounded to the cent
        cast(sum(rates.line_count) over (partition by signed.document_id) as numeric(18, 0)) * 0.01 as rounding,
        row_number() over (partition by signed.document_id order by rates.weight desc, rates.tax_rate desc) as place
    from {{ ref('int_documents_signed') }} as signed
    left join rates on signed.document_id = rates.document_id

),

-- 1 or -1: the lines agree with the document but for rounding, with the same sign or the other one. In proportion,
-- amounts that nearly cancel each other out would then be far off.
compared as (

    select
        *,
        case
            when
                fx_source <> 'home'
                or abs(abs(net_eur) - abs(all_weights)) > rounding
                or abs(abs(tax_eur) - abs(all_tax_weights)) > rounding then null
            when abs(net_eur) >= abs(tax_eur) then case when (net_eur < 0) = (all_weights < 0) then 1 else -1 end
            when (tax_eur < 0) = (all_tax_weights < 0) then 1
            else -1
        end as sign_of_lines,
        -- sums of lines that are rounded each, if these are what the document adds up
        case when abs(net_eur) = abs(all_cents) then cents else round(weight, 2) end as own_net
    from weighted

),

smaller_parts as (

    select
        *,
        case
            when place > 1 and sign_of_lines is not null then sign_of_lines * own_net
            when place > 1 and all_weights <> 0 then {{ quotient(
                'net_eur', 'all_weights', 2, 6, places=2, factor='weight', factor_places=6
            ) }}
            when place > 1 and all_tax_weights <> 0 then {{ quotient(
                'tax_eur', 'all_tax_weights', 2, 6, places=2, factor='weight', factor_places=6
            ) }}
            else 0
        end as net_part,
        case
            -- the tax is of the net amount to the cent, or contained in a gross price
            when place > 1 and sign_of_lines is not null and has_gross_price = 0
                then sign_of_lines * round(cast(own_net * tax_rate as numeric(38, 4)) * 0.01, 2)
            when place > 1 and sign_of_lines is not null then sign_of_lines * round(tax_weight, 2)
            when place > 1 and all_tax_weights <> 0 then {{ quotient(
                'tax_eur', 'all_tax_weights', 2, 6, places=2, factor='tax_weight', factor_places=6
            ) }}
            when place > 1 and all_weights <> 0 then {{ quotient(
                'net_eur', 'all_weights', 2, 6, places=2, factor='tax_weight', factor_places=6
            ) }}
            else 0
        end as tax_part
    from compared

)

select
    document_id,
    tax_rate,
    cast(
        case when place = 1 then net_eur - sum(net_part) over (partition by document_id) else net_part end
        as numeric(38, 2)
    ) as net_eur,
    cast(
        case when place = 1 then tax_eur - sum(tax_part) over (partition by document_id) else tax_part end
        as numeric(38, 2)
    ) as tax_eur,
    cast(
        case
            when place = 1 then gross_eur - sum(net_part + tax_part) over (partition by document_id)
            else net_part + tax_part
        end as numeric(38, 2)
    ) as gross_eur
from smaller_parts
