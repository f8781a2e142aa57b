-- A row a part of a payment or credit that belongs to an invoice which is not in the book, so that
-- its money reaches no figure.
with parts as (
    select customer_id, coalesce(reference_number, payment_id) as subject, unnest(allocations) as part
    from stg_payment_versions
    where is_current and status in ('PAID', 'SCHEDULED', 'ESCHEATED')
    union all
    select customer_id, reference_number as subject, unnest(allocations) as part
    from stg_credit_memo_versions
    where is_current
)

select
    parts.subject,
    'refers to invoice ' || parts.part.invoiceId || ', which is not in the book' as finding,
    'customer/' || parts.customer_id as record
from parts
anti join stg_invoice_versions as invoice on invoice.invoice_id = parts.part.invoiceId
where parts.part.invoiceId is not null
order by parts.subject
