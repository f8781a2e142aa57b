-- One row a currency: the figures at a glance at the end of the day as_of.
-- The months are the calendar month of as_of and the one before it.
with days as (
    select
        $as_of::date as as_of,
        date_trunc('month', $as_of::date)::date as month_on,
        (date_trunc('month', $as_of::date) - interval 1 month)::date as month_before_on
),

cash as (
    select
        ledger.currency,
        sum(collected) filter (effective_on >= month_on) as collected_this_month,
        sum(collected) filter (effective_on >= month_before_on and effective_on < month_on)
            as collected_last_month,
        count(*) filter (event = 'payment_failed' and effective_on > as_of - 30) as failures_30_days,
        sum(amount) filter (event = 'payment_failed' and effective_on > as_of - 30)
            as failed_amount_30_days
    from ledger
    cross join days
    where effective_on <= as_of
    group by ledger.currency
),

open_items as (
    select
        currency,
        sum(open_amount) as outstanding,
        sum(open_amount) filter (due_on < $as_of::date) as overdue,
        count(*) as open_count,
        count(*) filter (due_on < $as_of::date) as overdue_count
    from balances_on($as_of::date)
    group by currency
),

held as (
    select currency, sum(unapplied) as unapplied
    from unapplied_on($as_of::date)
    group by currency
)

select
    cash.currency,
    coalesce(cash.collected_this_month, 0)::decimal(38, 4),
    coalesce(cash.collected_last_month, 0)::decimal(38, 4),
    coalesce(open_items.outstanding, 0)::decimal(38, 4),
    coalesce(open_items.overdue, 0)::decimal(38, 4),
    coalesce(open_items.open_count, 0),
    coalesce(open_items.overdue_count, 0),
    coalesce(held.unapplied, 0)::decimal(38, 4),
    cash.failures_30_days,
    coalesce(cash.failed_amount_30_days, 0)::decimal(38, 4)
from cash
left join open_items using (currency)
left join held using (currency)
where $currency::varchar is null or cash.currency = $currency
order by coalesce(open_items.outstanding, 0) desc, cash.currency
