-- One row a recurring invoice as it was when last read.
insert into inputs by name
select
    'recurring invoice' as what,
    updated_on as happened_on,
    description as document,
    currency,
    recurring_invoice_id as part,
    customer_id,
    ['amount'] as columns,
    amount,
    'observed' as basis
from recurring_invoices
where
    ($currency::varchar is null or currency = $currency)
    and ($customer::varchar is null or customer_id = $customer)
