-- One row a month and currency: what was owed at the month's end (or at as_of).
with months as (
    select
        month_on,
        least($as_of::date, (month_on + interval 1 month - interval 1 day)::date) as last_on
    from (
        select
            unnest(
                generate_series(
                    date_trunc('month', coalesce($from_on::date, $as_of::date - interval 23 month))::date,
                    $as_of::date,
                    interval 1 month
                )
            )::date as month_on
    )
),

amounts as (
    select
        months.month_on,
        balance.currency,
        balance.open_amount as gross,
        case when balance.due_on < months.last_on then balance.open_amount else 0 end as overdue,
        0 as unapplied
    from months
    cross join lateral (from balances_on(months.last_on)) as balance
    union all
    select
        months.month_on,
        held.currency,
        0 as gross,
        0 as overdue,
        held.unapplied
    from months
    cross join lateral (from unapplied_on(months.last_on)) as held
    union all
    -- A currency has a row from its first month on, also where nothing is owed in it.
    select
        months.month_on,
        seen.currency,
        0 as gross,
        0 as overdue,
        0 as unapplied
    from months
    inner join (
        select currency, min(effective_on) as first_on
        from ledger
        group by currency
    ) as seen
        on seen.first_on <= months.last_on
)

select
    strftime(month_on, '%Y-%m') as month,
    currency,
    sum(gross) as gross,
    sum(overdue) as overdue,
    sum(unapplied) as unapplied,
    sum(gross) + sum(unapplied) as net
from amounts
where $currency::varchar is null or currency = $currency
group by month_on, currency
order by month, currency
