-- One row a part of an open invoice at the end of a day: what a payment is scheduled for, with
-- that payment's date and rail, and the rest, without.
select
    currency,
    customer_id,
    due_on,
    attempted_on,
    rail,
    amount
from open_parts_on($as_of::date)
where $currency::varchar is null or currency = $currency
order by currency, invoice_id, attempted_on, rail
