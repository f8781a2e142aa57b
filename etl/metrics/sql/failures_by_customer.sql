-- One row a customer with failed payments of those dated in the period, as it is at the end of the
-- day as_of; the most money first. total: of how many.
select
    attempt.customer_id,
    customer.name as customer,
    attempt.currency,
    count(*) filter (attempt.outcome in ('paid', 'failed')) as attempts,
    count(*) filter (attempt.outcome = 'failed') as failures,
    sum(attempt.amount) filter (attempt.outcome = 'failed')::decimal(38, 4) as amount,
    count(*) over () as total
from attempts_on($as_of::date) as attempt
left join customers as customer using (customer_id)
where
    attempt.attempted_on <= $as_of::date
    and ($from_on::date is null or attempt.attempted_on >= $from_on::date)
    and ($to_on::date is null or attempt.attempted_on <= $to_on::date)
    and ($currency::varchar is null or attempt.currency = $currency)
group by attempt.customer_id, customer.name, attempt.currency
having count(*) filter (attempt.outcome = 'failed') > 0
order by attempt.currency, amount desc, attempt.customer_id
limit $limit::bigint
