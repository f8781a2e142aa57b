-- One row an event with cash that has sales tax in it, under its invoice's rate.
insert into inputs by name
select
    replace(entry.event, '_', ' ') as what,
    entry.effective_on as happened_on,
    entry.document,
    entry.currency,
    strftime(entry.effective_on, '%Y-%m') as month,
    coalesce(round(invoice.tax_rate, 6)::decimal(18, 6)::varchar, '') as part,
    entry.customer_id,
    entry.invoice_id,
    entry.payment_id,
    ['amount'] as columns,
    entry.cash - entry.collected as amount,
    entry.basis
from ledger as entry
inner join invoices as invoice using (invoice_id)
where
    entry.cash <> entry.collected
    and entry.effective_on <= $last_on::date
    and ($first_on::date is null or entry.effective_on >= $first_on::date)
    and ($currency::varchar is null or entry.currency = $currency)
