-- One row a customer ($customer, or all where it is null) and currency with an open invoice at the
-- end of the day as_of. unpaid and
-- days_late are the customer's over all currencies: overdue invoices, and how late the oldest is.
with open_items as (
    select
        customer_id,
        currency,
        open_amount,
        due_on < $as_of::date as is_overdue,
        greatest(date_diff('day', due_on, $as_of::date), 0) as days_late
    from balances_on($as_of::date)
    where
        open_amount > 0
        and ($customer::varchar is null or customer_id = $customer)
),

sums as (
    select
        customer_id,
        currency,
        count(*) filter (is_overdue) as unpaid,
        max(days_late) as days_late,
        coalesce(sum(open_amount) filter (is_overdue), 0)::decimal(38, 4) as overdue_amount,
        sum(open_amount)::decimal(38, 4) as open_amount
    from open_items
    group by customer_id, currency
)

select
    coalesce(sums.customer_id, '') as customer_id,
    coalesce(customer.account_number, '') as account_number,
    coalesce(customer.name, sums.customer_id, '') as customer,
    sums.currency,
    (sum(sums.unpaid) over (partition by sums.customer_id))::bigint as unpaid,
    max(sums.days_late) over (partition by sums.customer_id) as days_late,
    sums.overdue_amount,
    sums.open_amount
from sums
left join customers as customer using (customer_id)
order by days_late desc, sums.overdue_amount desc, customer_id, sums.currency
