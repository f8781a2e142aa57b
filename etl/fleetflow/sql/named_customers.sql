-- One row a customer of those named, as unpaid_fees has those that owe something: with nothing open.
select
    customer_id,
    coalesce(account_number, '') as account_number,
    name as customer,
    currency,
    0::bigint as unpaid,
    0::bigint as days_late,
    0::decimal(38, 4) as overdue_amount,
    0::decimal(38, 4) as open_amount
from customers
where list_contains($ids::varchar[], customer_id)
order by customer_id
