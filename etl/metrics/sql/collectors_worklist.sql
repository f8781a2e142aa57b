-- One row a customer and currency with overdue invoices at the end of the day as_of: the largest
-- overdue amount of every currency in turn. total: of how many.
with open_items as (
    select
        customer_id,
        currency,
        sum(open_amount) as open_amount,
        coalesce(sum(open_amount) filter (due_on < $as_of::date), 0) as overdue_amount,
        count(*) filter (due_on < $as_of::date) as overdue_count,
        date_diff('day', min(due_on), $as_of::date) as oldest_days
    from balances_on($as_of::date)
    where
        ($currency::varchar is null or currency = $currency)
        and ($customer::varchar is null or customer_id = $customer)
    group by customer_id, currency
    having overdue_count > 0
),

paid as (
    select customer_id, max(effective_on) as last_paid_on
    from ledger
    where event = 'payment_applied' and effective_on <= $as_of::date
    group by customer_id
)

select
    item.customer_id,
    coalesce(customer.name, item.customer_id, '') as customer,
    item.currency,
    item.open_amount,
    item.overdue_amount,
    item.overdue_count,
    item.oldest_days,
    paid.last_paid_on,
    count(*) over () as total
from open_items as item
left join customers as customer using (customer_id)
left join paid using (customer_id)
order by
    row_number() over (
        partition by item.currency order by item.overdue_amount desc, item.customer_id
    ),
    item.currency
limit $limit::bigint
