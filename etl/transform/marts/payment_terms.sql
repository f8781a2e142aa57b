-- One row a payment term, as it is now; days_due is null where BILL's cannot be read.
create table snapshot.payment_terms as
select
    payment_term_id,
    name,
    days_due
from stg_payment_terms
order by payment_term_id
