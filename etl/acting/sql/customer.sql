-- One row a customer of those named, as BILL had it when it was last read.
select
    customer_id,
    name,
    currency,
    is_archived,
    email
from customers
where list_contains($ids::varchar[], customer_id)
