-- One row a receivable payment of $customers, from $since on, whose money came; in no order.
select
    customer_id,
    currency,
    payment_on,
    amount
from payments
where
    list_contains($customers::varchar[], customer_id)
    and status in ('PAID', 'ESCHEATED')
    and amount is not null
    and payment_on >= $since::date
