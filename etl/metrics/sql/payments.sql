-- One row a receivable payment as BILL has it now, newest first. total: of how many.
select
    payment_id,
    payment_on,
    customer_id,
    customer,
    currency,
    amount,
    unapplied_amount,
    payment_type,
    status,
    reference_number,
    count(*) over () as total
from payments
where
    ($currency::varchar is null or currency = $currency)
    and ($customer::varchar is null or customer_id = $customer)
order by payment_on desc, payment_id
limit $limit::bigint
