-- One row a day of $origins and payment then under way for an open invoice (items as in
-- cash_forecast.sql): its day, and how many of its method's had settled and failed by then.
with origins as (
    select unnest($origins::date[]) as origin_on
),

items as (
    select
        row_number() over (order by invoice_id, from_on) as item,
        *
    from invoice_balances
    where
        from_on <= $as_of::date
        and to_on > $first_on::date
        and open_amount > 0
        and ($currency::varchar is null or currency = $currency)
),

states as (
    select
        origins.origin_on,
        attempt.payment_id,
        attempt.rail,
        attempt.attempted_on,
        case
            when stretch.state = 'paid' and attempt.rail = 'ach' and attempt.final_on >= origins.origin_on
                then 'settling'
            else stretch.state
        end as state
    from attempt_states as stretch
    inner join attempts as attempt using (payment_id)
    inner join origins
        on stretch.from_on <= origins.origin_on and stretch.to_on > origins.origin_on
),

rails as (
    select
        origin_on,
        rail,
        count(*) as settled,
        count(*) filter (state = 'failed') as failed
    from states
    where state in ('paid', 'failed')
    group by origin_on, rail
)

select
    state.origin_on,
    item.currency,
    item.item,
    state.attempted_on - date '1970-01-01' as attempted_on,
    (sum(least(part.amount, item.open_amount)) * 10000)::bigint as amount,
    coalesce(any_value(rails.settled), 0) as settled,
    coalesce(any_value(rails.failed), 0) as failed
from states as state
inner join attempt_invoices as part using (payment_id)
inner join items as item
    on
        item.invoice_id = part.invoice_id
        and item.from_on <= state.origin_on
        and item.to_on > state.origin_on
left join rails using (origin_on, rail)
where state.state = 'pending'
group by state.origin_on, item.currency, item.item, state.attempted_on, state.rail
order by state.origin_on, item.item, state.attempted_on, state.rail
