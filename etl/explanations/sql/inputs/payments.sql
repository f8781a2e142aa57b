-- One row a receivable payment and amount of it, as BILL has it now.
insert into inputs by name
select
    payment_type || ' payment, ' || status as what,
    payment_on as happened_on,
    coalesce(nullif(reference_number, ''), payment_id) as document,
    currency,
    strftime(payment_on, '%Y-%m') as month,
    customer_id,
    payment_id,
    unnest([['amount'], ['unapplied_amount']]) as columns,
    unnest([amount, unapplied_amount]) as amount,
    'observed' as basis
from payments
where
    ($currency::varchar is null or currency = $currency)
    and ($customer::varchar is null or customer_id = $customer)
