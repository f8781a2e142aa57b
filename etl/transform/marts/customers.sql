-- One row a customer.
create table snapshot.customers as
from stg_customers
order by customer_id
