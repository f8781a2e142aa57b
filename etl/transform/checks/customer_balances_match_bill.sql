-- A row a customer whose balance at BILL is not what their documents add up to.
-- BILL does not document what its balance holds: of four readings the one that fits most customers
-- is taken, and none where it does not fit half of them. Compared are customers read after their
-- documents last changed, as a balance moves without the customer's own updatedTime.
with owed as (
    select
        customer_id,
        sum(bill_due_amount) filter (not is_archived) as due,
        sum(bill_scheduled_amount) filter (not is_archived) as scheduled,
        max(updated_at) as changed_at
    from stg_invoices
    group by customer_id
),

paid as (
    select
        customer_id,
        sum(unapplied_amount) filter (status in ('PAID', 'ESCHEATED')) as on_account,
        max(updated_at) as changed_at
    from stg_payment_versions
    where is_current
    group by customer_id
),

credited as (
    select
        customer_id,
        sum(amount - bill_applied_amount) filter (not is_archived) as credits,
        max(updated_at) as changed_at
    from stg_credit_memo_versions
    where is_current
    group by customer_id
),

readings as (
    select
        customer.name,
        customer.customer_id,
        customer.bill_balance,
        coalesce(owed.due, 0) - coalesce(paid.on_account, 0) as due_less_account,
        coalesce(owed.due, 0) + coalesce(owed.scheduled, 0) - coalesce(paid.on_account, 0)
            as open_less_account,
        coalesce(owed.due, 0) - coalesce(paid.on_account, 0) - coalesce(credited.credits, 0)
            as due_less_all,
        coalesce(owed.due, 0) as due
    from stg_customers as customer
    left join owed using (customer_id)
    left join paid using (customer_id)
    left join credited using (customer_id)
    where
        customer.bill_balance is not null
        and customer.observed_at > coalesce(
            greatest(owed.changed_at, paid.changed_at, credited.changed_at), timestamptz '1970-01-01'
        )
),

candidates as (
    select
        name,
        customer_id,
        bill_balance,
        unnest([
            {'reading': 1, 'amount': due_less_account},
            {'reading': 2, 'amount': open_less_account},
            {'reading': 3, 'amount': due_less_all},
            {'reading': 4, 'amount': due}
        ], recursive := true)
    from readings
),

best as (
    select reading
    from candidates
    group by reading
    having 2 * count(*) filter (amount = bill_balance) >= count(*)
    order by count(*) filter (amount = bill_balance) desc, reading
    limit 1
)

select
    name as subject,
    'BILL says a balance of ' || bill_balance || ', their documents add up to ' || amount as finding,
    'customer/' || customer_id as record
from candidates
semi join best using (reading)
where amount <> bill_balance
order by subject
