-- One row a retry whose outcome is not settled.
insert into exclusions by name
select
    'pending' as reason,
    attempt.attempted_on as happened_on,
    retry.currency,
    attempt.customer_id,
    retry.invoice_id,
    retry.payment_id,
    attempt.amount
from retries_on($as_of::date) as retry
inner join attempts as attempt using (payment_id)
where
    retry.outcome not in ('paid', 'failed')
    and ($currency::varchar is null or retry.currency = $currency)
