-- One row an invoice and stretch of days over which payments had settled it, with customers by
-- number and days as in cash_forecast.sql.
with numbers as (
    select customer_id, row_number() over (order by customer_id) as customer
    from customers
)

select
    coalesce(numbers.customer, 0) as customer,
    payoff.days_late,
    payoff.paid_on - date '1970-01-01' as paid_on,
    payoff.to_on - date '1970-01-01' as to_on
from payoffs as payoff
left join numbers using (customer_id)
where payoff.paid_on <= $as_of::date
