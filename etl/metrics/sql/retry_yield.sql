-- One row a kind of settled retry and what is known of the failure before it, with their number.
select
    currency,
    rail,
    retry,
    failed_rail,
    failed_change,
    failed_said,
    failed_entered,
    count(*) as retries,
    count(*) filter (outcome = 'paid') as successes
from retries_on($as_of::date)
where
    outcome in ('paid', 'failed')
    and ($currency::varchar is null or currency = $currency)
group by all
order by all
