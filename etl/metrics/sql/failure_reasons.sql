-- One row a kind of failure and what BILL tells of it.
select
    currency,
    rail,
    change,
    said,
    entered,
    count(*) as failures,
    sum(amount)::decimal(38, 4) as amount
from attempts_on($as_of::date)
where
    outcome = 'failed'
    and ($from_on::date is null or failed_on >= $from_on::date)
    and ($to_on::date is null or failed_on <= $to_on::date)
    and ($currency::varchar is null or currency = $currency)
group by all
order by all
