-- One row a failure that does not count for its day or currency.
insert into exclusions by name
select
    case
        when currency <> $currency::varchar then 'in another currency'
        when effective_on > $as_of::date then 'failed later'
        when effective_on < $first_on::date then 'failed before the period'
        else 'failed after the period'
    end as reason,
    effective_on as happened_on,
    document,
    currency,
    customer_id,
    payment_id,
    amount
from ledger
where
    event = 'payment_failed'
    and (
        effective_on > $as_of::date
        or effective_on < $first_on::date
        or effective_on > $to_on::date
        or currency <> $currency::varchar
    )
