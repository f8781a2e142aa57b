-- One row an invoice, as BILL has it now.
create table snapshot.invoices as
select
    invoice.* exclude (exponent),
    coalesce(customer.name, invoice.customer_id, '') as customer,
    coalesce(customer.email, '') as customer_email
from stg_invoices as invoice
left join stg_customers as customer using (customer_id)
order by invoice.customer_id, invoice.invoice_on
