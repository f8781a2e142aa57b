-- One row a measure, currency and customer with a positive amount of it: revenue of a period
-- without tax; open and overdue receivables at the end of as_of.
with amounts as (
    select 'revenue' as measure, currency, customer_id, revenue as amount
    from ledger
    where effective_on between $from_on::date and $as_of::date and revenue <> 0
    union all
    select 'open' as measure, currency, customer_id, open_amount as amount
    from balances_on($as_of::date)
    union all
    select 'overdue' as measure, currency, customer_id, open_amount as amount
    from balances_on($as_of::date)
    where due_on < $as_of::date
)

select
    amounts.measure,
    amounts.currency,
    coalesce(amounts.customer_id, '') as customer_id,
    coalesce(max(customer.name), amounts.customer_id, '') as customer,
    sum(amounts.amount) as amount
from amounts
left join customers as customer using (customer_id)
where $currency::varchar is null or amounts.currency = $currency
group by amounts.measure, amounts.currency, amounts.customer_id
having sum(amounts.amount) > 0
order by
    case amounts.measure when 'revenue' then 1 when 'open' then 2 else 3 end,
    amounts.currency,
    amount desc,
    customer_id
