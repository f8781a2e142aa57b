-- One row: a customer as BILL had it when it was last read.
select
    customer_id,
    name,
    currency,
    is_archived
from customers
where customer_id = $id
