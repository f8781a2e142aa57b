-- One row a retry, with what is known of the failure before it.
select
    invoice_id,
    payment_id,
    currency,
    rail,
    outcome,
    retry,
    presented,
    failed_rail,
    failed_change,
    failed_said,
    failed_entered
from retries_on($as_of::date)
where $currency::varchar is null or currency = $currency
order by payment_id, invoice_id
