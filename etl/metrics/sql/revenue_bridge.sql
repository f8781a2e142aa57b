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
        date_trunc('month', effective_on)::date as month_on,
        case
            when payment_id is not null then cash
            when event = 'credit_applied' then amount
            when event = 'credit_unapplied' then -amount
            else 0
        end as settled
    from ledger
    where effective_on <= $as_of::date
),

histories as (
    select
        *,
        case
            when not bool_or(event = 'invoice_issued') over so_far then true
            else coalesce(
                last_value(
                    case event when 'invoice_archived' then true when 'invoice_restored' then false end
                    ignore nulls
                ) over so_far,
                false
            )
        end as is_dormant,
        sum(settled) over so_far as settled_after,
        sum(revenue + tax) over so_far as total_after
    from events
    semi join invoices using (invoice_id)
    window so_far as (
        partition by invoice_id order by event_id
        rows between unbounded preceding and current row
    )
),

-- Money of invoices that are archived or dated later, and what is beyond an invoice's total, is in
-- the cash but meets no receivable.
holdings as (
    select
        currency,
        month_on,
        held_after - coalesce(lag(held_after) over (partition by invoice_id order by event_id), 0)
            as held
    from (
        select
            *,
            case when is_dormant then settled_after else greatest(settled_after - total_after, 0) end
                as held_after
        from histories
    )
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
        month_on,
        0 as invoiced,
        0 as tax,
        0 as credits,
        0 as collected,
        0 as tax_collected,
        0 as on_account,
        held
    from holdings
    where held <> 0
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
