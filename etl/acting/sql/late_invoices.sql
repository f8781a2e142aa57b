-- One row an invoice of a currency and stretch of days over which it stayed open beyond its due date
-- and $grace days; without those whose due date is only assumed, and those of $but.
select
    invoice.invoice_id,
    invoice.invoice_number,
    coalesce(invoice.customer_id, '') as customer_id,
    invoice.customer,
    invoice.currency,
    invoice.due_on,
    invoice.total_amount,
    invoice.is_archived,
    balance.from_on,
    balance.to_on,
    balance.open_amount
from invoice_balances as balance
inner join invoices as invoice using (invoice_id)
where
    invoice.currency = $currency
    and not invoice.is_due_assumed
    and not list_contains($but::varchar[], invoice.invoice_id)
    and balance.open_amount > 0
    and balance.from_on < $today::date
    and balance.to_on > invoice.due_on + $grace::integer + 1
order by invoice.customer, invoice.due_on, invoice.invoice_id, balance.from_on
