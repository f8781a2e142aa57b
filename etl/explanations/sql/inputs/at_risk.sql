-- One row an invoice dated in the period that was open at the end of its 90th day past due.
insert into inputs by name
with totals as (
    select invoice_id, currency
    from ledger
    where invoice_id is not null and effective_on <= $as_of::date
    group by invoice_id, currency
    having sum(revenue + tax) > 0
)

select
    'open 90 days past due' as what,
    invoice.due_on + 90 as happened_on,
    totals.currency,
    strftime(invoice.invoice_on, '%Y-%m') as month,
    invoice.customer_id,
    totals.invoice_id,
    ['at_risk'] as columns,
    balance.open_amount as amount,
    90 as days
from totals
inner join invoices as invoice using (invoice_id)
inner join invoice_balances as balance
    on
        balance.invoice_id = totals.invoice_id
        and balance.from_on <= invoice.due_on + 90
        and balance.to_on > invoice.due_on + 90
        and balance.open_amount > 0
where
    invoice.invoice_on <= $as_of::date
    and ($first_on::date is null or invoice.invoice_on >= $first_on::date)
    and ($to_on::date is null or invoice.invoice_on <= $to_on::date)
    and ($currency::varchar is null or totals.currency = $currency)
