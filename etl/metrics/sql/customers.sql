-- One row a customer, with what they owe at the end of the day as_of; largest balance first.
-- total: of how many.
with open_items as (
    select
        customer_id,
        sum(open_amount) as open_amount,
        sum(case when due_on < $as_of::date then open_amount else 0 end) as overdue_amount
    from balances_on($as_of::date)
    group by customer_id
),

held as (
    select customer_id, sum(unapplied) as unapplied
    from unapplied_on($as_of::date)
    group by customer_id
),

paid as (
    select customer_id, max(effective_on) as last_paid_on
    from main.ledger
    where event = 'payment_applied' and effective_on <= $as_of::date
    group by customer_id
)

select
    customer.customer_id,
    customer.name as customer,
    customer.currency,
    coalesce(open_items.open_amount, 0)::decimal(38, 4) as open_amount,
    coalesce(open_items.overdue_amount, 0)::decimal(38, 4) as overdue_amount,
    coalesce(held.unapplied, 0)::decimal(38, 4) as unapplied,
    (coalesce(open_items.open_amount, 0) + coalesce(held.unapplied, 0))::decimal(38, 4) as balance,
    paid.last_paid_on,
    coalesce(customer.email, '') as email,
    count(*) over () as total
from customers as customer
left join open_items using (customer_id)
left join held using (customer_id)
left join paid using (customer_id)
where
    customer.currency is not null -- null where it should be converted and there is no rate
    and ($currency::varchar is null or customer.currency = $currency)
    and ($customer::varchar is null or customer.customer_id = $customer)
    and (
        $search::varchar is null
        or contains(
            lower(concat_ws(' ', customer.name, customer.email, customer.account_number)),
            lower($search)
        )
    )
order by balance desc, customer, customer.customer_id
limit $limit::bigint
