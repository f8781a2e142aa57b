-- One row a currency that documents have, quote and day that a rate covers: the newest on or before
-- the day, at most seven days older. Our own rates come before BILL's, a pair's own direction
-- before the other, which is inverted exactly and rounded half up to eight digits.
create table snapshot.daily_rates as
with used as (
    select currency from stg_customers
    union
    select currency from ledger
),

directions as (
    select
        *,
        false as is_inverse
    from snapshot.fx_rates
    union all by name
    select
        quote as currency,
        currency as quote,
        rate_on,
        (
            ((20000000000000000 + units) // (2 * units))::decimal(18, 0)
            * 0.00000001::decimal(9, 8)
        )::decimal(18, 8) as rate,
        source,
        is_own,
        true as is_inverse
    from (select *, (rate * 100000000)::hugeint as units from snapshot.fx_rates)
),

stretches as (
    select
        *,
        least(
            rate_on + 7,
            lead(rate_on, 1, date '9999-12-31') over (
                partition by currency, quote, is_own, is_inverse order by rate_on
            ) - 1
        ) as until_on
    from directions
    semi join used using (currency)
    where rate > 0
),

days as (
    select
        currency,
        quote,
        unnest(generate_series(rate_on, until_on, interval 1 day))::date as day,
        rate,
        rate_on,
        source,
        is_own,
        is_inverse
    from stretches
)

from days
qualify
    row_number() over (partition by currency, quote, day order by is_own desc, is_inverse) = 1
order by quote, currency, day
