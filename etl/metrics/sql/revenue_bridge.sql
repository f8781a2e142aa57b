-- One row a month and currency: what led from net receivables before it to those at its end (or
-- at as_of). Opening and closing come from balances, all between from events.
with events as (
    select
        *,
        -- Money of an invoice that is not in the book is nobody's tax.
        case
            when invoice_id in (select invoice_id from invoices) then collected
            else cash
        end as revenue_cash,
        date_trunc('month', effective_on)::date as month_on
    from ledger
    where effective_on <= $as_of::date
),

flows as (
    select
        currency,
        month_on,
        case when invoice_id is not null then revenue else 0 end as invoiced,
        tax,
        case when invoice_id is null then revenue else 0 end as credits,
        -revenue_cash as collected,
        revenue_cash - cash as tax_collected,
        case when payment_id is not null then unapplied else 0 end as on_account,
        0 as held
    from events
    union all
    select
        currency,
        date_trunc('month', effective_on)::date as month_on,
        0 as invoiced,
        0 as tax,
        0 as credits,
        0 as collected,
        0 as tax_collected,
        0 as on_account,
        held
    from holdings
    where effective_on <= $as_of::date
),

months as (
    select
        currency,
        unnest(generate_series(min(month_on), date_trunc('month', $as_of::date)::date, interval 1 month))
            ::date as month_on
    from events
    group by currency
),

monthly as (
    select
        currency,
        month_on,
        month_on - 1 as before_on,
        least($as_of::date, (month_on + interval 1 month - interval 1 day)::date) as last_on,
        sum(coalesce(invoiced, 0)) as invoiced,
        sum(coalesce(tax, 0)) as tax,
        sum(coalesce(credits, 0)) as credits,
        sum(coalesce(collected, 0)) as collected,
        sum(coalesce(tax_collected, 0)) as tax_collected,
        sum(coalesce(on_account, 0)) as on_account,
        sum(coalesce(held, 0)) as held
    from months
    left join flows using (currency, month_on)
    where
        ($from_on::date is null or month_on >= date_trunc('month', $from_on::date))
        and ($to_on::date is null or month_on <= $to_on::date)
        and ($currency::varchar is null or currency = $currency)
    group by currency, month_on
),

ends as (
    select before_on as day from monthly
    union
    select last_on as day from monthly
),

standing as (
    select currency, day, sum(amount) as net
    from (
        select ends.day, balance.currency, balance.open_amount as amount
        from ends
        cross join lateral (from balances_on(ends.day)) as balance
        union all
        select ends.day, held.currency, held.unapplied as amount
        from ends
        cross join lateral (from unapplied_on(ends.day)) as held
    )
    group by currency, day
)

select
    strftime(monthly.month_on, '%Y-%m') as month,
    monthly.currency,
    coalesce(opening.net, 0)::decimal(38, 4) as opening,
    monthly.invoiced,
    monthly.tax,
    monthly.credits,
    monthly.collected,
    monthly.tax_collected,
    monthly.on_account,
    monthly.held,
    coalesce(closing.net, 0)::decimal(38, 4) as closing
from monthly
left join standing as opening
    on opening.currency = monthly.currency and opening.day = monthly.before_on
left join standing as closing
    on closing.currency = monthly.currency and closing.day = monthly.last_on
order by month, monthly.currency
