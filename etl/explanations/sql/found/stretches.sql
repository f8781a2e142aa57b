-- One row a recurring invoice and stretch of days up to the day as_of, as it was written then.
select
    currency,
    customer_id,
    customer,
    period,
    frequency,
    amount,
    from_on,
    to_on,
    recurring_invoice_id,
    description
from recurring_stretches
where
    from_on <= $as_of::date
    and ($currency::varchar is null or currency = $currency)
order by currency, customer_id, recurring_invoice_id, from_on
