-- One row a customer whose revenue of a period is not positive.
insert into exclusions by name
select
    'the customer''s revenue is not positive' as reason,
    $as_of::date as happened_on,
    currency,
    'revenue' as part,
    customer_id,
    sum(revenue)::decimal(19, 4) as amount
from ledger
where
    effective_on between $first_on::date and $as_of::date
    and revenue <> 0
    and ($currency::varchar is null or currency = $currency)
group by currency, customer_id
having sum(revenue) <= 0
