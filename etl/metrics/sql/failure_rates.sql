-- One row a currency and rail, and one a currency for all rails: attempts dated in the period and
-- what had become of them, at the end of the day as_of.
with attempts as (
    select * from attempts_on($as_of::date)
    where
        attempted_on <= $as_of::date
        and ($from_on::date is null or attempted_on >= $from_on::date)
        and ($to_on::date is null or attempted_on <= $to_on::date)
        and ($currency::varchar is null or currency = $currency)
),

tries as (
    select tries.*
    from tries_on($as_of::date) as tries
    semi join attempts using (payment_id)
    where tries.outcome in ('paid', 'failed')
),

by_attempt as (
    select
        currency,
        coalesce(rail, 'all') as rail,
        count(*) filter (outcome in ('paid', 'failed')) as attempts,
        count(*) filter (outcome = 'failed') as failures,
        sum(amount) filter (outcome in ('paid', 'failed')) as amount,
        sum(amount) filter (outcome = 'failed') as failed_amount,
        count(*) filter (outcome = 'pending') as pending,
        count(*) filter (outcome = 'canceled') as canceled
    from attempts
    group by grouping sets ((currency, rail), (currency))
),

by_invoice as (
    select
        currency,
        coalesce(rail, 'all') as rail,
        count(distinct invoice_id) as invoices,
        count(distinct invoice_id) filter (outcome = 'failed') as failed_invoices,
        count(*) filter (place = 1) as firsts,
        count(*) filter (place = 1 and outcome = 'failed') as failed_firsts
    from tries
    group by grouping sets ((currency, rail), (currency))
)

select
    currency,
    rail,
    attempts,
    failures,
    coalesce(amount, 0)::decimal(38, 4),
    coalesce(failed_amount, 0)::decimal(38, 4),
    coalesce(invoices, 0),
    coalesce(failed_invoices, 0),
    coalesce(firsts, 0),
    coalesce(failed_firsts, 0),
    pending,
    canceled
from by_attempt
left join by_invoice using (currency, rail)
order by currency, rail <> 'all', rail
