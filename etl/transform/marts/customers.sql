-- One row a customer.
create table snapshot.customers as
select
    customer.*,
    coalesce(term.name, '') as payment_term
from stg_customers as customer
left join stg_payment_terms as term using (payment_term_id)
order by customer.customer_id
