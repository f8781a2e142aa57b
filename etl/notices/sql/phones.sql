-- One row a customer with a telephone number, as BILL has it.
select
    customer_id,
    phone
from customers
where list_contains($ids::varchar[], customer_id) and coalesce(phone, '') <> ''
