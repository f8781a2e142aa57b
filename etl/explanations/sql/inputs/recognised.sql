-- One row an event put on its invoice's date, or a credit memo's on its own: recognised revenue.
insert into inputs by name
with entries as (
    select entry.*, coalesce(invoice.invoice_on, entry.effective_on) as recognised_on
    from ledger as entry
    left join invoices as invoice using (invoice_id)
    where
        entry.revenue <> 0
        and entry.effective_on <= $as_of::date
        and (entry.invoice_id is null or invoice.invoice_id is not null)
)

select
    replace(event, '_', ' ') as what,
    recognised_on as happened_on,
    document,
    currency,
    strftime(recognised_on, '%Y-%m') as month,
    customer_id,
    invoice_id,
    credit_memo_id,
    ['recognised'] as columns,
    revenue as amount,
    basis
from entries
where
    ($first_on::date is null or recognised_on >= $first_on::date)
    and ($to_on::date is null or recognised_on <= $to_on::date)
    and ($currency::varchar is null or currency = $currency)
