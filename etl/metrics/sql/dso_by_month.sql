-- One row a month and currency: gross receivables at the month's end (or at as_of), and the credit
-- sales of the 90 days up to it, with tax, less voids and credit memos.
with months as (
    select
        month_on,
        least($as_of::date, (month_on + interval 1 month - interval 1 day)::date) as last_on
    from (
        select
            unnest(
                generate_series(
                    date_trunc('month', coalesce($from_on::date, $as_of::date - interval 12 month))::date,
                    $as_of::date,
                    interval 1 month
                )
            )::date as month_on
    )
),

days as (
    select currency, effective_on, sum(revenue + tax) as sales
    from ledger
    where effective_on <= $as_of::date
    group by currency, effective_on
),

amounts as (
    select months.month_on, balance.currency, balance.open_amount as closing, 0 as sales
    from months
    cross join lateral (from balances_on(months.last_on)) as balance
    union all
    -- A currency has a row from its first month on.
    select
        months.month_on,
        days.currency,
        0 as closing,
        case when days.effective_on > months.last_on - 90 then days.sales else 0 end as sales
    from months
    inner join days on days.effective_on <= months.last_on
)

select
    strftime(month_on, '%Y-%m') as month,
    currency,
    sum(closing) as closing,
    sum(sales) as sales
from amounts
where $currency::varchar is null or currency = $currency
group by month_on, currency
order by currency, month
