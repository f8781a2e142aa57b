-- One row a stretch of days over which an invoice was open, of those that reach into the days from
-- first_on to as_of; days are counted from 1970-01-01, amounts in ten thousandths, customers by
-- number (0: not in the book), stretches by their row's.
with numbers as (
    select customer_id, row_number() over (order by customer_id) as customer
    from customers
)

select
    balance.rowid as item,
    balance.currency,
    coalesce(numbers.customer, 0) as customer,
    balance.due_on - date '1970-01-01' as due_on,
    balance.from_on - date '1970-01-01' as from_on,
    balance.to_on - date '1970-01-01' as to_on,
    (balance.open_amount * 10000)::bigint as amount
from invoice_balances as balance
left join numbers using (customer_id)
where
    balance.from_on <= $as_of::date
    and balance.to_on > $first_on::date
    and balance.open_amount > 0
    and ($currency::varchar is null or balance.currency = $currency)
-- Sorted as they are looked up among payoffs, which takes half the time.
order by customer, balance.due_on desc
