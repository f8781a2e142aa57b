-- One row an invoice up to the day that is not due when its payment terms say; furthest off first.
select
    difference.invoice_id,
    difference.invoice_number,
    difference.customer_id,
    coalesce(customer.name, difference.customer_id, '') as customer,
    difference.currency,
    difference.invoice_on,
    difference.payment_term,
    difference.term_of,
    difference.due_by_terms_on,
    difference.due_on,
    difference.days_later,
    difference.total_amount
from terms_differences as difference
left join customers as customer using (customer_id)
where
    difference.invoice_on <= $as_of::date
    and ($from_on::date is null or difference.invoice_on >= $from_on::date)
    and ($currency::varchar is null or difference.currency = $currency)
    and ($customer::varchar is null or difference.customer_id = $customer)
order by abs(difference.days_later) desc, difference.invoice_id
