-- One row a customer of those named, as BILL had it when it was last read.
select
    customer_id,
    name,
    currency,
    is_archived,
    email,
    payment_term_id
from customers
where list_contains($ids::varchar[], customer_id)
