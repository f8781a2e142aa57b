-- One row an input, largest first; so many of them, or all.
select
    currency,
    month,
    part,
    array_to_string(columns, ' '),
    what,
    document,
    happened_on,
    coalesce(customer_id, ''),
    customer,
    amount,
    days,
    coalesce(basis, ''),
    coalesce(invoice_id, ''),
    coalesce(payment_id, ''),
    coalesce(credit_memo_id, '')
from entered
where len(columns) > 0
order by
    abs(amount) desc nulls last,
    currency,
    month,
    part,
    happened_on,
    document,
    what,
    invoice_id,
    payment_id,
    credit_memo_id,
    columns,
    amount,
    days
limit $limit::bigint
