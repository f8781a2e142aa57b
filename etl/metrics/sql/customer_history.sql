-- One row an event that changed what one customer owes, oldest first, with the balance after it.
select
    effective_on as "on",
    event,
    document,
    currency,
    receivable + unapplied as amount,
    sum(receivable + unapplied) over (order by event_id) as balance,
    coalesce(invoice_id, '') as invoice_id
from ledger
where
    customer_id = $customer
    and effective_on <= $as_of::date
    and receivable + unapplied <> 0
order by event_id
