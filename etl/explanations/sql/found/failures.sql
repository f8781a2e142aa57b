-- One row a failed attempt, with what BILL tells of it; by the day it failed, or by its own date.
select
    payment_id,
    customer_id,
    currency,
    rail,
    amount,
    attempted_on,
    failed_on,
    change,
    said,
    entered
from attempts_on($as_of::date)
where
    outcome = 'failed'
    and attempted_on <= coalesce($made_by::date, attempted_on)
    and ($rail::varchar is null or rail = $rail)
    and ($first_on::date is null or case when $made_by is null then failed_on else attempted_on end >= $first_on::date)
    and ($to_on::date is null or case when $made_by is null then failed_on else attempted_on end <= $to_on::date)
    and ($currency::varchar is null or currency = $currency)
order by payment_id
