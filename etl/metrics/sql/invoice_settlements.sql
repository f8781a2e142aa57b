-- One row a part of a payment or credit memo that settled an invoice up to the end of the day as_of,
-- newest first; reversed_on where it was taken back by then. total: of how many.
with memos as (
    select credit_memo_id, any_value(document) as document
    from ledger
    where event = 'credit_issued'
    group by credit_memo_id
)

select
    part.invoice_id,
    invoice.invoice_number,
    part.customer_id,
    invoice.customer,
    part.currency,
    part.paid_on as settled_on,
    case when part.payment_id is not null then 'payment' else 'credit memo' end as settled_by,
    coalesce(nullif(payment.reference_number, ''), memo.document, part.payment_id, part.credit_memo_id)
        as document,
    coalesce(payment.payment_type, '') as payment_type,
    part.amount,
    case when part.reversed_on <= $as_of::date then part.reversed_on end as reversed_on,
    count(*) over () as total
from settlements as part
inner join invoices as invoice using (invoice_id)
left join payments as payment using (payment_id)
left join memos as memo using (credit_memo_id)
where
    part.paid_on <= $as_of::date
    and ($from_on::date is null or part.paid_on >= $from_on::date)
    and ($currency::varchar is null or part.currency = $currency)
    and ($customer::varchar is null or part.customer_id = $customer)
    and ($invoice::varchar is null or part.invoice_id = $invoice)
order by part.paid_on desc, part.invoice_id, document, part.amount
limit $limit::bigint
