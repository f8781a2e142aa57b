-- One row a currency and kind of bank debit dated in the period that was not called off.
select
    currency,
    outcome,
    change,
    said,
    entered,
    count(*) as debits
from attempts_on($as_of::date)
where
    rail = 'ach'
    and outcome <> 'canceled'
    and attempted_on <= $as_of::date
    and attempted_on >= $from_on::date
    and ($to_on::date is null or attempted_on <= $to_on::date)
    and ($currency::varchar is null or currency = $currency)
group by all
order by all
