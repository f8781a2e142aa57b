-- One row a currency and week of the last eight, as for cash_forecast_backtest.
with weeks as (
    select $as_of::date - 7 * unnest(range(1, 9))::integer as origin_on
)

select
    weeks.origin_on,
    item.currency,
    sum(
        case
            when event.event in ('payment_reversed', 'payment_moved') then -event.amount
            else event.amount
        end
    )::decimal(19, 4) as amount
from weeks
inner join invoice_balances as item
    on
        item.from_on <= weeks.origin_on
        and item.to_on > weeks.origin_on
        and item.open_amount > 0
inner join ledger as event
    on
        event.invoice_id = item.invoice_id
        and event.effective_on > weeks.origin_on
        and event.effective_on <= weeks.origin_on + 7
where
    event.event in ('payment_applied', 'payment_reversed', 'payment_moved')
    and ($currency::varchar is null or item.currency = $currency)
group by weeks.origin_on, item.currency
order by weeks.origin_on, item.currency
