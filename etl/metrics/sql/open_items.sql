-- One row an invoice with an open amount at the end of the day as_of,
-- longest overdue first. total: of how many.
select
    balance.invoice_id,
    invoice.invoice_number,
    balance.customer_id,
    invoice.customer,
    balance.currency,
    invoice.invoice_on,
    balance.due_on,
    date_diff('day', balance.due_on, $as_of::date) as days_past_due,
    balance.open_amount,
    count(*) over () as total
from balances_on($as_of::date) as balance
inner join invoices as invoice using (invoice_id)
where
    ($currency::varchar is null or balance.currency = $currency)
    and ($customer::varchar is null or balance.customer_id = $customer)
order by days_past_due desc, balance.open_amount desc, balance.invoice_id
limit $limit::bigint
