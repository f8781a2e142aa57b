-- One row an invoice that is not due when its terms say.
insert into inputs by name
select
    'invoice on terms ' || coalesce(payment_term, '') as what,
    invoice_on as happened_on,
    currency,
    customer_id,
    invoice_id,
    ['total_amount'] as columns,
    total_amount as amount,
    days_later as days
from invoices
where
    days_later <> 0
    and not is_archived
    and invoice_on <= $last_on::date
    and ($first_on::date is null or invoice_on >= $first_on::date)
    and ($currency::varchar is null or currency = $currency)
    and ($customer::varchar is null or customer_id = $customer)
