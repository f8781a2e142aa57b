-- One row a currency: payments applied from from_on to as_of and not taken back since; amount times
-- days from invoice date and from due date to payment, and the days' nearest-rank quantiles.
with parts as (
    select
        part.currency,
        part.amount,
        date_diff('day', invoice.invoice_on, part.paid_on) as days_to_pay,
        date_diff('day', invoice.due_on, part.paid_on) as days_late
    from settlements as part
    inner join invoices as invoice using (invoice_id)
    where
        part.payment_id is not null
        and part.paid_on between $from_on::date and $as_of::date
        and part.reversed_on > $as_of::date
        and ($customer::varchar is null or part.customer_id = $customer)
)

select
    currency,
    sum(amount),
    sum(amount * days_to_pay),
    quantile_disc(days_to_pay, 0.5),
    quantile_disc(days_to_pay, 0.9),
    sum(amount * days_late),
    sum(amount * greatest(days_late, 0)),
    quantile_disc(days_late, 0.5),
    quantile_disc(days_late, 0.9)
from parts
where $currency::varchar is null or currency = $currency
group by currency
order by currency
