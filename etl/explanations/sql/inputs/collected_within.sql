-- One row a part of a payment of an invoice that bills something, under the month of the invoice,
-- counted in the columns of the ages it came within.
insert into inputs by name
with totals as (
    select invoice_id, currency
    from ledger
    where invoice_id is not null and effective_on <= $as_of::date
    group by invoice_id, currency
    having sum(revenue + tax) > 0
)

select
    'payment applied' as what,
    part.paid_on as happened_on,
    totals.currency,
    strftime(invoice.invoice_on, '%Y-%m') as month,
    part.customer_id,
    part.invoice_id,
    part.payment_id,
    list_transform(
        list_filter([30, 60, 90], lambda age: date_diff('day', invoice.invoice_on, part.paid_on) <= age),
        lambda age: 'collected_' || age::varchar
    ) as columns,
    part.amount,
    date_diff('day', invoice.invoice_on, part.paid_on) as days
from settlements as part
inner join totals using (invoice_id)
inner join invoices as invoice using (invoice_id)
where
    part.payment_id is not null
    and part.paid_on <= $as_of::date
    and part.reversed_on > $as_of::date
    and invoice.invoice_on <= $as_of::date
    and len(columns) > 0
    and ($first_on::date is null or invoice.invoice_on >= $first_on::date)
    and ($to_on::date is null or invoice.invoice_on <= $to_on::date)
    and ($currency::varchar is null or totals.currency = $currency)
