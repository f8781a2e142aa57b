-- One row a part of a payment or credit that does not count in what was paid, and why.
insert into exclusions by name
select
    case
        when currency <> $currency::varchar then 'in another currency'
        when payment_id is null then 'settled by a credit, not a payment'
        when paid_on > $as_of::date then 'paid later'
        when reversed_on <= $as_of::date then 'taken back by then'
        else 'paid before the period'
    end as reason,
    case when reversed_on <= $as_of::date then reversed_on else paid_on end as happened_on,
    currency,
    customer_id,
    invoice_id,
    payment_id,
    credit_memo_id,
    amount
from settlements
where
    payment_id is null
    or paid_on > $as_of::date
    or reversed_on <= $as_of::date
    or paid_on < $first_on::date
    or currency <> $currency::varchar
