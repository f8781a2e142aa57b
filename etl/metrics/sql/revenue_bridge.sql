-- One row a month and currency: what led from net receivables before it to those at its end (or
-- at as_of). Opening and closing come from balances, all between from events.
with flows as (
    select
        currency,
        date_trunc('month', effective_on)::date as month_on,
        sum(revenue) filter (invoice_id is not null) as invoiced,
        sum(tax) as tax,
        sum(revenue) filter (invoice_id is null) as credits,
        sum(cash) as cash,
        -- Money of an invoice that is not in the book is nobody's tax.
        sum(case when invoice_id in (select invoice_id from invoices) then collected else cash end)
            filter (cash <> 0) as revenue_cash,
        sum(unapplied) filter (payment_id is not null) as on_account,
        sum(held) as held,
        sum(unapplied) as unapplied
    from ledger
    where effective_on <= $as_of::date
    group by all
),

changes as (
    select currency, from_on as changed_on, open_amount
    from invoice_balances
    where from_on <= $as_of::date and open_amount > 0
    union all
    select currency, to_on as changed_on, -open_amount as open_amount
    from invoice_balances
    where to_on <= $as_of::date and open_amount > 0
),

balances as (
    select currency, date_trunc('month', changed_on)::date as month_on, sum(open_amount) as open_amount
    from changes
    group by all
),

months as (
    select
        currency,
        unnest(generate_series(min(month_on), date_trunc('month', $as_of::date)::date, interval 1 month))
            ::date as month_on
    from flows
    group by currency
),

closings as (
    select
        currency,
        month_on,
        sum(coalesce(balances.open_amount, 0) + coalesce(flows.unapplied, 0)) over (
            partition by currency order by month_on
        ) as closing
    from months
    left join balances using (currency, month_on)
    left join flows using (currency, month_on)
),

bridges as (
    select
        *,
        coalesce(lag(closing) over (partition by currency order by month_on), 0) as opening,
        least($as_of::date, (month_on + interval 1 month - interval 1 day)::date) as last_on
    from closings
)

select
    strftime(month_on, '%Y-%m') as month,
    currency,
    opening,
    coalesce(invoiced, 0),
    coalesce(tax, 0),
    coalesce(credits, 0),
    -coalesce(revenue_cash, 0) as collected,
    coalesce(revenue_cash, 0) - coalesce(cash, 0) as tax_collected,
    coalesce(on_account, 0),
    coalesce(held, 0),
    closing
from bridges
left join flows using (currency, month_on)
where
    ($from_on::date is null or last_on >= $from_on::date)
    and ($to_on::date is null or month_on <= $to_on::date)
    and ($currency::varchar is null or currency = $currency)
order by month, currency
