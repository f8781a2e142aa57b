-- One row a currency and span: what was collected in the day, week (from Monday) and calendar month
-- that as_of is in, up to its end, and in as many days of the one before.
with spans as (
    select
        unnest(['today', 'week', 'month']) as span,
        unnest([
            $as_of::date,
            date_trunc('week', $as_of::date)::date,
            date_trunc('month', $as_of::date)::date
        ]) as from_on,
        unnest([
            $as_of::date - 1,
            date_trunc('week', $as_of::date)::date - 7,
            (date_trunc('month', $as_of::date) - interval 1 month)::date
        ]) as before_from_on,
        -- A month before the 31st is the last day of a shorter one.
        unnest([
            $as_of::date - 1,
            $as_of::date - 7,
            ($as_of::date - interval 1 month)::date
        ]) as before_to_on
),

currencies as (
    select distinct currency
    from ledger
    where effective_on <= $as_of::date
),

days as (
    select currency, effective_on, sum(collected) as collected
    from ledger
    where
        effective_on <= $as_of::date
        and effective_on >= (date_trunc('month', $as_of::date) - interval 1 month)::date
    group by currency, effective_on
),

sums as (
    select
        currencies.currency,
        spans.*,
        coalesce(sum(collected) filter (effective_on >= from_on), 0) as amount,
        coalesce(
            sum(collected) filter (effective_on between before_from_on and before_to_on), 0
        ) as before_amount
    from currencies
    cross join spans
    left join days using (currency)
    group by all
)

select
    currency,
    span,
    from_on,
    $as_of::date as to_on,
    amount::decimal(38, 4),
    before_from_on,
    before_to_on,
    before_amount::decimal(38, 4),
    (amount - before_amount)::decimal(38, 4) as change
from sums
where $currency::varchar is null or currency = $currency
order by currency, list_position(['today', 'week', 'month'], span)
