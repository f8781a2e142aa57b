-- One row an invoice that is open at the end of the day as_of and due between two days, of a
-- customer that owes more than is held for it; none of which a payment of all is under way.
with owing as (
    select customer_id, currency, sum(open_amount) as amount
    from balances_on($as_of::date)
    where $customer::varchar is null or customer_id = $customer
    group by customer_id, currency
),

held as (
    select customer_id, currency, sum(unapplied) as amount
    from unapplied_on($as_of::date)
    group by customer_id, currency
),

debtors as (
    select owing.customer_id, owing.currency
    from owing
    left join held using (customer_id, currency)
    where owing.amount + coalesce(held.amount, 0) > 0
),

candidates as (
    select *
    from balances_on($as_of::date)
    semi join debtors using (customer_id, currency)
    where due_on between $due_from::date and $due_to::date
),

unscheduled as (
    select invoice_id
    from open_parts_on($as_of::date)
    semi join candidates using (invoice_id)
    where attempted_on is null
)

select
    item.customer_id,
    item.invoice_id,
    coalesce(invoice.invoice_number, item.invoice_id) as number,
    item.currency,
    item.due_on,
    item.open_amount
from candidates as item
semi join unscheduled using (invoice_id)
inner join invoices as invoice using (invoice_id)
order by item.customer_id, item.due_on, item.invoice_id
