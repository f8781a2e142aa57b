-- One row an event of revenue in a period, of the customers whose revenue in it is positive.
insert into inputs by name
with entries as (
    select
        *,
        sum(revenue) over (partition by currency, customer_id) as of_customer
    from ledger
    where
        effective_on between $first_on::date and $as_of::date
        and revenue <> 0
        and ($currency::varchar is null or currency = $currency)
)

select
    replace(event, '_', ' ') as what,
    effective_on as happened_on,
    document,
    currency,
    strftime(effective_on, '%Y-%m') as month,
    'revenue' as part,
    coalesce(customer_id, '') as customer_id,
    invoice_id,
    credit_memo_id,
    ['amount'] as columns,
    revenue as amount,
    basis
from entries
where of_customer > 0
