-- One row an event that changed the open amount of an invoice open at the end of a day.
insert into inputs by name
select
    replace(entry.event, '_', ' ') as what,
    entry.effective_on as happened_on,
    entry.document,
    entry.currency,
    strftime(entry.effective_on, '%Y-%m') as month,
    entry.customer_id,
    entry.invoice_id,
    entry.payment_id,
    entry.credit_memo_id,
    ['open_amount'] as columns,
    entry.receivable as amount,
    entry.basis
from ledger as entry
inner join invoice_balances as balance
    on
        balance.invoice_id = entry.invoice_id
        and balance.from_on <= $as_of::date
        and balance.to_on > $as_of::date
where
    entry.effective_on <= $as_of::date
    and entry.receivable <> 0
    and (balance.open_amount > 0 or not $only_positive)
    and ($currency::varchar is null or balance.currency = $currency)
    and ($customer::varchar is null or balance.customer_id = $customer)
