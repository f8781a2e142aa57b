-- One row a day of $origins and payment then under way for an open invoice (items as in
-- cash_forecast.sql): its day, and how many of its method's had settled and failed by then.
with origins as (
    select unnest($origins::date[]) as origin_on
),

items as (
    select
        rowid as item,
        *
    from invoice_balances
    where
        from_on <= $as_of::date
        and to_on > $first_on::date
        and open_amount > 0
        and ($currency::varchar is null or currency = $currency)
),

stretches as (
    select
        attempt.payment_id,
        attempt.rail,
        attempt.attempted_on,
        attempt.final_on,
        stretch.state,
        stretch.from_on,
        stretch.to_on
    from attempt_states as stretch
    inner join attempts as attempt using (payment_id)
    where stretch.from_on <= $as_of::date and stretch.to_on > $first_on::date
),

-- How many began to count as settled or failed on a day and ceased on another, before days are
-- compared with days. A transfer counts once its bank may no longer return it.
outcomes as (
    select
        rail,
        case
            when state = 'paid' and rail = 'ach' then greatest(from_on, final_on + 1)
            else from_on
        end as counts_from,
        to_on,
        count(*) as settled,
        count(*) filter (state = 'failed') as failed
    from stretches
    where state in ('paid', 'failed')
    group by rail, counts_from, to_on
),

rails as (
    select
        origins.origin_on,
        outcome.rail,
        sum(outcome.settled) as settled,
        sum(outcome.failed) as failed
    from origins
    inner join outcomes as outcome
        on outcome.counts_from <= origins.origin_on and outcome.to_on > origins.origin_on
    group by origins.origin_on, outcome.rail
),

pending as (
    select origins.origin_on, stretch.payment_id, stretch.rail, stretch.attempted_on
    from origins
    inner join stretches as stretch
        on stretch.from_on <= origins.origin_on and stretch.to_on > origins.origin_on
    where stretch.state = 'pending'
)

select
    payment.origin_on,
    item.currency,
    item.item,
    payment.attempted_on - date '1970-01-01' as attempted_on,
    (sum(least(part.amount, item.open_amount)) * 10000)::bigint as amount,
    coalesce(any_value(rails.settled), 0)::bigint as settled,
    coalesce(any_value(rails.failed), 0)::bigint as failed
from pending as payment
inner join attempt_invoices as part using (payment_id)
inner join items as item
    on
        item.invoice_id = part.invoice_id
        and item.from_on <= payment.origin_on
        and item.to_on > payment.origin_on
left join rails using (origin_on, rail)
group by payment.origin_on, item.currency, item.item, payment.attempted_on, payment.rail
order by payment.origin_on, item.item, payment.attempted_on, payment.rail
