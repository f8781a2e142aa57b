-- One row an invoice and what BILL says of it now: its total and what is open of it.
insert into inputs by name
select
    'invoice as BILL has it now' as what,
    invoice_on as happened_on,
    invoice_number as document,
    currency,
    strftime(invoice_on, '%Y-%m') as month,
    customer_id,
    invoice_id,
    unnest([['total_amount'], ['bill_open_amount']]) as columns,
    unnest([total_amount, coalesce(bill_due_amount, 0) + bill_scheduled_amount]) as amount,
    'observed' as basis
from invoices
where
    ($currency::varchar is null or currency = $currency)
    and ($customer::varchar is null or customer_id = $customer)
    and ($invoice::varchar is null or invoice_id = $invoice)
