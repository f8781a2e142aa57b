-- One row a month and currency: what was owed at the month's end (or at as_of).
-- A stretch of an invoice's balance counts from the month it begins in to the month it ends in.
with stretches as (
    select
        currency,
        from_on,
        to_on,
        greatest(from_on, due_on + 1) as overdue_on,
        open_amount
    from invoice_balances
    where from_on <= $as_of::date and open_amount > 0
),

changes as (
    select currency, from_on as changed_on, open_amount as gross, 0 as overdue, 0 as unapplied
    from stretches
    union all
    select currency, to_on as changed_on, -open_amount as gross, 0 as overdue, 0 as unapplied
    from stretches
    union all
    select currency, overdue_on as changed_on, 0 as gross, open_amount as overdue, 0 as unapplied
    from stretches
    where overdue_on < to_on
    union all
    select currency, to_on as changed_on, 0 as gross, -open_amount as overdue, 0 as unapplied
    from stretches
    where overdue_on < to_on
    union all
    select currency, effective_on as changed_on, 0 as gross, 0 as overdue, unapplied
    from ledger
    where unapplied <> 0
),

monthly as (
    select
        currency,
        date_trunc('month', changed_on)::date as month_on,
        sum(gross) as gross,
        sum(overdue) as overdue,
        sum(unapplied) as unapplied
    from changes
    where changed_on <= $as_of::date
    group by all
),

months as (
    select
        currency,
        unnest(generate_series(min(month_on), date_trunc('month', $as_of::date)::date, interval 1 month))
            ::date as month_on
    from monthly
    group by currency
),

running as (
    select
        currency,
        month_on,
        sum(coalesce(gross, 0)) over so_far as gross,
        sum(coalesce(overdue, 0)) over so_far as overdue,
        sum(coalesce(unapplied, 0)) over so_far as unapplied
    from months
    left join monthly using (currency, month_on)
    window so_far as (partition by currency order by month_on)
)

select
    strftime(month_on, '%Y-%m') as month,
    currency,
    gross,
    overdue,
    unapplied,
    gross + unapplied as net
from running
where
    month_on >= date_trunc('month', coalesce($from_on::date, $as_of::date - interval 23 month))
    and ($currency::varchar is null or currency = $currency)
order by month, currency
