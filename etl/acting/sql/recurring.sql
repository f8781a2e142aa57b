-- A recurring invoice, as BILL had it when it was last read.
select
    recurring_invoice_id,
    description,
    customer_id,
    next_due_on,
    is_archived,
    lines
from recurring_invoices
where recurring_invoice_id = $id
