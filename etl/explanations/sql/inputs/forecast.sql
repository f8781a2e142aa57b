-- One row a part of an invoice open at the beginning of a forecast, under the week it would come in
-- if it were paid when it is due; what comes later than the weeks asked for is left out.
insert into inputs by name
with parts as (
    select
        *,
        case
            when due_on <= $origin_on::date then 0
            else (due_on - $origin_on::date - 1) // 7
        end as week
    from open_parts_on($origin_on::date)
    where $currency::varchar is null or currency = $currency
)

select
    case when attempted_on is null then 'open' else 'under way by ' || rail end as what,
    due_on as happened_on,
    currency,
    ($origin_on::date + (7 * week + 1)::integer)::varchar as part,
    customer_id,
    invoice_id,
    ['naive'] as columns,
    amount
from parts
where week < $weeks::integer
