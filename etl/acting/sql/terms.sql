-- One row: a payment term with the days after which an invoice is due.
select
    name,
    days_due
from payment_terms
where payment_term_id = $id and days_due between 0 and 9999
