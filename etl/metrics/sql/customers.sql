-- One row a customer, with what they owe at the end of the day as_of; largest balance first.
with open_items as (
    select
        customer_id,
        sum(open_amount) as open_amount,
        sum(case when due_on < $as_of::date then open_amount else 0 end) as overdue_amount
    from invoice_balances
    where from_on <= $as_of::date and to_on > $as_of::date and open_amount > 0
    group by customer_id
),

money as (
    select
        customer_id,
        sum(unapplied) as unapplied,
        max(effective_on) filter (event = 'payment_applied') as last_paid_on
    from ledger
    where effective_on <= $as_of::date
    group by customer_id
)

select
    customer.customer_id,
    customer.name as customer,
    customer.currency,
    coalesce(open_items.open_amount, 0)::decimal(38, 4) as open_amount,
    coalesce(open_items.overdue_amount, 0)::decimal(38, 4) as overdue_amount,
    coalesce(money.unapplied, 0)::decimal(38, 4) as unapplied,
    (coalesce(open_items.open_amount, 0) + coalesce(money.unapplied, 0))::decimal(38, 4) as balance,
    money.last_paid_on,
    coalesce(customer.email, '') as email
from customers as customer
left join open_items using (customer_id)
left join money using (customer_id)
where
    ($currency::varchar is null or customer.currency = $currency)
    and (
        $search::varchar is null
        or contains(
            lower(concat_ws(' ', customer.name, customer.email, customer.account_number)),
            lower($search)
        )
    )
order by balance desc, customer, customer.customer_id
