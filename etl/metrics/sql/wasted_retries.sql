-- One row a kind of retry and what is known of the failure before it, with their number.
-- presented: how many of its kind had failed before it within its scheme's days.
select
    currency,
    rail,
    presented,
    failed_rail,
    failed_change,
    failed_said,
    failed_entered,
    count(*) as retries
from retries_on($as_of::date)
where $currency::varchar is null or currency = $currency
group by all
order by all
