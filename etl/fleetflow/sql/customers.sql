-- One row a customer, by id.
select
    customer_id,
    name,
    currency,
    coalesce(account_number, '') as account_number,
    is_archived
from customers
order by customer_id
