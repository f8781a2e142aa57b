-- One row a currency with anything open or unapplied at the end of the day as_of.
with open_items as (
    select
        currency,
        open_amount,
        date_diff('day', due_on, $as_of::date) as days_past_due
    from invoice_balances
    where from_on <= $as_of::date and to_on > $as_of::date and open_amount > 0
),

buckets as (
    select
        currency,
        sum(case when days_past_due <= 0 then open_amount else 0 end) as current,
        sum(case when days_past_due between 1 and 30 then open_amount else 0 end) as d1_30,
        sum(case when days_past_due between 31 and 60 then open_amount else 0 end) as d31_60,
        sum(case when days_past_due between 61 and 90 then open_amount else 0 end) as d61_90,
        sum(case when days_past_due >= 91 then open_amount else 0 end) as d91_plus,
        sum(open_amount) as gross
    from open_items
    group by currency
),

unapplied_money as (
    select currency, sum(unapplied) as unapplied
    from ledger
    where effective_on <= $as_of::date
    group by currency
    having sum(unapplied) <> 0
)

select
    coalesce(buckets.currency, unapplied_money.currency) as currency,
    coalesce(buckets.current, 0)::decimal(38, 4),
    coalesce(buckets.d1_30, 0)::decimal(38, 4),
    coalesce(buckets.d31_60, 0)::decimal(38, 4),
    coalesce(buckets.d61_90, 0)::decimal(38, 4),
    coalesce(buckets.d91_plus, 0)::decimal(38, 4),
    coalesce(buckets.gross, 0)::decimal(38, 4) as gross,
    coalesce(unapplied_money.unapplied, 0)::decimal(38, 4) as unapplied,
    (coalesce(buckets.gross, 0) + coalesce(unapplied_money.unapplied, 0))::decimal(38, 4) as net
from buckets
full join unapplied_money on unapplied_money.currency = buckets.currency
where $currency::varchar is null or coalesce(buckets.currency, unapplied_money.currency) = $currency
order by 1
