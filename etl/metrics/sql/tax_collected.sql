-- One row a month, currency and rate: the sales tax in cash applied to invoices, less what came
-- back on the day it did. A payment's tax is what its revenue, rounded on the running total of the
-- invoice, leaves of it; so the parts of an invoice add up to its tax.
select
    strftime(entry.effective_on, '%Y-%m') as month,
    entry.currency,
    invoice.tax_rate as rate,
    sum(entry.cash - entry.collected) as tax_collected
from ledger as entry
inner join invoices as invoice using (invoice_id)
where
    entry.cash <> entry.collected
    and entry.effective_on <= $as_of::date
    and ($from_on::date is null or entry.effective_on >= $from_on::date)
    and ($to_on::date is null or entry.effective_on <= $to_on::date)
    and ($currency::varchar is null or entry.currency = $currency)
group by month, entry.currency, invoice.tax_rate
order by month, entry.currency, rate nulls last
