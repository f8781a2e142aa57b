-- A row an invoice or payment whose amount is no number.
select
    invoice_number as subject,
    'BILL sent no readable due amount' as finding,
    'invoice/' || invoice_id as record
from stg_invoices
where bill_due_amount is null
order by subject
