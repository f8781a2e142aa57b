-- One row an attempt that does not count as settled, or not in the period, and why.
insert into exclusions by name
select
    case
        when currency <> $currency::varchar then 'in another currency'
        when attempted_on > $as_of::date then 'dated later'
        when attempted_on < $first_on::date then 'dated before the period'
        when attempted_on > $to_on::date then 'dated after the period'
        when outcome = 'canceled' then 'called off'
        when final_on >= $as_of::date and rail = 'ach' then 'pending: its bank may still return it'
        else 'pending'
    end as reason,
    attempted_on as happened_on,
    currency,
    strftime(attempted_on, '%Y-%m') as month,
    customer_id,
    payment_id,
    amount
from attempts_on($as_of::date)
where
    ($rail::varchar is null or rail = $rail)
    and (
        outcome not in ('paid', 'failed')
        or attempted_on > $as_of::date
        or attempted_on < $first_on::date
        or attempted_on > $to_on::date
        or currency <> $currency::varchar
    )
