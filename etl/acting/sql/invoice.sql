-- One row an invoice of those named, as BILL had it when it was last read.
select
    invoice_id,
    invoice_number,
    customer_id,
    total_amount,
    coalesce(bill_due_amount, 0) as due,
    bill_scheduled_amount as scheduled,
    bill_credit_amount as credited,
    is_archived
from invoices
where list_contains($ids::varchar[], invoice_id)
