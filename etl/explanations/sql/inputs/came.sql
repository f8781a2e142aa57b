-- One row an event of cash on an invoice that was open at the beginning of one of the last weeks.
insert into inputs by name
with weeks as (
    select unnest($origins::date[]) as origin_on
)

select
    replace(event.event, '_', ' ') as what,
    event.effective_on as happened_on,
    event.document,
    item.currency,
    (weeks.origin_on + 1)::varchar as part,
    event.customer_id,
    event.invoice_id,
    event.payment_id,
    ['actual'] as columns,
    case
        when event.event in ('payment_reversed', 'payment_moved') then -event.amount
        else event.amount
    end as amount,
    event.basis
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
