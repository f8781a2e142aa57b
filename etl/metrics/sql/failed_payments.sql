-- One row a failed payment up to the end of the day as_of, newest first.
select
    failure.effective_on as failed_on,
    failure.customer_id,
    payment.customer,
    failure.currency,
    failure.amount,
    payment.payment_on,
    payment.payment_type,
    payment.status,
    payment.reference_number,
    coalesce(attempt.entered, 'unknown') as reason,
    failure.basis,
    failure.payment_id,
    coalesce(attempt.rail, 'other') as rail
from ledger as failure
inner join payments as payment using (payment_id)
left join attempts as attempt using (payment_id)
where
    failure.event = 'payment_failed'
    and failure.effective_on <= $as_of::date
    and ($currency::varchar is null or failure.currency = $currency)
    and ($customer::varchar is null or failure.customer_id = $customer)
order by failure.effective_on desc, failure.event_id desc
