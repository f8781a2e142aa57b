-- A row an invoice whose customer is not in the book, so that its currency is assumed.
select
    invoice.invoice_number as subject,
    'its customer is not in the book' as finding,
    'invoice/' || invoice.invoice_id as record
from stg_invoices as invoice
anti join stg_customers as customer using (customer_id)
order by subject
