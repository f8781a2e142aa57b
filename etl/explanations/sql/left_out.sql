-- One row an exclusion, largest first; so many of them, or all.
select
    currency,
    month,
    part,
    reason,
    document,
    happened_on,
    coalesce(customer_id, ''),
    customer,
    amount,
    coalesce(invoice_id, ''),
    coalesce(payment_id, ''),
    coalesce(credit_memo_id, '')
from left_out
order by
    abs(amount) desc nulls last,
    currency,
    reason,
    happened_on,
    document,
    month,
    part,
    customer_id,
    invoice_id,
    payment_id,
    credit_memo_id,
    amount
limit $limit::bigint
