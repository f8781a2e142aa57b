-- One row a month and currency: what led from net receivables before it to those at its end (or
-- at as_of). Opening and closing come from balances, all between from events.
with flows as (
    from bridge_flows_on($as_of::date)
),

events as (
    select currency, unapplied, date_trunc('month', effective_on)::date as month_on
    from ledger
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
    group by currency, month_on
),

unapplied_money as (
    select currency, month_on, sum(sum(unapplied)) over (partition by currency order by month_on) as unapplied
    from months
    left join (select currency, month_on, unapplied from events) using (currency, month_on)
    group by currency, month_on
),

closings as (
    select
        monthly.currency,
        monthly.month_on,
        coalesce(sum(balance.open_amount), 0) + coalesce(any_value(unapplied_money.unapplied), 0)
            as closing
    from monthly
    inner join unapplied_money using (currency, month_on)
    left join invoice_balances as balance
        on
            balance.currency = monthly.currency
            and balance.from_on <= monthly.last_on
            and balance.to_on > monthly.last_on
            and balance.open_amount > 0
    group by monthly.currency, monthly.month_on
),

bridges as (
    select
        monthly.*,
        closing,
        coalesce(lag(closing) over (partition by currency order by month_on), 0) as opening
    from monthly
    inner join closings using (currency, month_on)
)

select
    strftime(month_on, '%Y-%m') as month,
    currency,
    opening,
    invoiced,
    tax,
    credits,
    collected,
    tax_collected,
    on_account,
    held,
    closing
from bridges
where
    ($from_on::date is null or last_on >= $from_on::date)
    and ($to_on::date is null or month_on <= $to_on::date)
    and ($currency::varchar is null or currency = $currency)
order by month, currency
