-- One row an invoice that an attempt ever failed at: how many days until it was paid in full
-- (null: not yet), and the cash that came since.
select
    currency,
    part_amount,
    recovered_on - failed_on as days,
    net_recovered
from first_failures_on($as_of::date)
where
    ($from_on::date is null or failed_on >= $from_on::date)
    and ($to_on::date is null or failed_on <= $to_on::date)
    and ($currency::varchar is null or currency = $currency)
order by currency, failed_on, invoice_id
