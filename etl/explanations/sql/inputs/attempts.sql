-- One row an attempt there was at the end of a day and part it counts in: its rail and all rails, or
-- the parts given for every one of them.
insert into inputs by name
with attempts as (
    select *, case when outcome = 'failed' then failed_on else attempted_on end as ended_on
    from attempts_on($as_of::date)
    where
        attempted_on <= $as_of::date
        and ($currency::varchar is null or currency = $currency)
        and ($rails::varchar[] is null or list_contains($rails::varchar[], rail))
)

select
    'attempt by ' || rail || ', ' || outcome as what,
    attempted_on as happened_on,
    currency,
    strftime(attempted_on, '%Y-%m') as month,
    unnest(coalesce($parts::varchar[], [rail, 'all'])) as part,
    customer_id,
    payment_id,
    case outcome
        when 'failed' then $failed::varchar[]
        when 'paid' then $paid::varchar[]
        when 'pending' then $pending::varchar[]
        else $canceled::varchar[]
    end as columns,
    amount
from attempts
where
    len(columns) > 0
    and ($first_on::date is null or attempted_on >= $first_on::date)
    and ($to_on::date is null or attempted_on <= $to_on::date)
