-- One row an invoice up to the day that is not due when its payment terms say; furthest off first.
select
    invoice_id,
    invoice_number,
    customer_id,
    customer,
    currency,
    invoice_on,
    payment_term,
    term_of,
    due_by_terms_on,
    due_on,
    days_later,
    total_amount
from invoices
where
    days_later <> 0
    and not is_archived
    and invoice_on <= $as_of::date
    and ($from_on::date is null or invoice_on >= $from_on::date)
    and ($currency::varchar is null or currency = $currency)
    and ($customer::varchar is null or customer_id = $customer)
order by abs(days_later) desc, invoice_id
