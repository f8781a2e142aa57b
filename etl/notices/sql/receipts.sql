-- One row a payment that BILL has as paid, dated between two days, with the invoices it paid.
with received as (
    select *
    from payments
    where
        status = 'PAID'
        and amount > 0
        and payment_on between $from_on::date and $as_of::date
        and ($customer::varchar is null or customer_id = $customer)
),

paid as (
    select
        event.payment_id,
        string_agg(
            distinct coalesce(invoice.invoice_number, event.invoice_id), ', '
            order by coalesce(invoice.invoice_number, event.invoice_id)
        ) as invoices
    from ledger as event
    semi join received using (payment_id)
    inner join invoices as invoice using (invoice_id)
    where event.event = 'payment_applied'
    group by event.payment_id
)

select
    received.customer_id,
    received.payment_id,
    received.reference_number,
    received.currency,
    received.payment_on,
    received.amount,
    coalesce(paid.invoices, '') as invoices
from received
left join paid using (payment_id)
where received.customer_id is not null
order by received.customer_id, received.payment_on, received.payment_id
