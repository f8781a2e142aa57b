-- One row a kind of money and currency: its sum as BILL's records say it now, and as our events add
-- up to it.
with owners as (
    select
        customer.customer_id,
        customer.currency
    from stg_customers as customer
),

says as (
    select 'invoiced, not archived' as what, currency, total_amount as bills, 0 as ours
    from stg_invoices
    where not is_archived
    union all
    select
        'outstanding' as what,
        currency,
        bill_due_amount + bill_scheduled_amount as bills,
        0 as ours
    from stg_invoices
    where not is_archived and bill_due_amount is not null
    union all
    select
        'paid, applied and not' as what,
        coalesce(owners.currency, tenant_facts.currency) as currency,
        payment.amount as bills,
        0 as ours
    from stg_payment_versions as payment
    cross join tenant_facts
    left join owners using (customer_id)
    where payment.is_current and payment.status in ('PAID', 'ESCHEATED')
    union all
    select
        'paid, not applied' as what,
        coalesce(owners.currency, tenant_facts.currency) as currency,
        payment.unapplied_amount as bills,
        0 as ours
    from stg_payment_versions as payment
    cross join tenant_facts
    left join owners using (customer_id)
    where payment.is_current and payment.status in ('PAID', 'ESCHEATED')
    union all
    select
        'credits left' as what,
        coalesce(owners.currency, tenant_facts.currency) as currency,
        memo.amount - memo.bill_applied_amount as bills,
        0 as ours
    from stg_credit_memo_versions as memo
    cross join tenant_facts
    left join owners using (customer_id)
    where memo.is_current and not memo.is_archived
),

balances as (
    select invoice_id, any_value(currency) as currency, arg_max(open_after, event_id) as open_amount
    from ledger
    where invoice_id is not null
    group by invoice_id
),

adds_up as (
    select 'invoiced, not archived' as what, currency, 0 as bills, revenue + tax as ours
    from ledger
    where invoice_id is not null and revenue + tax <> 0
    union all
    select 'outstanding' as what, balance.currency, 0 as bills, balance.open_amount as ours
    from balances as balance
    inner join stg_invoices as invoice using (invoice_id)
    where not invoice.is_archived and invoice.bill_due_amount is not null
    union all
    select 'paid, applied and not' as what, currency, 0 as bills, cash - unapplied as ours
    from ledger
    where payment_id is not null
    union all
    select 'paid, not applied' as what, currency, 0 as bills, -unapplied as ours
    from ledger
    where payment_id is not null
    union all
    select 'credits left' as what, entry.currency, 0 as bills, -entry.unapplied as ours
    from ledger as entry
    inner join stg_credit_memo_versions as memo
        on memo.credit_memo_id = entry.credit_memo_id and memo.is_current
    where not memo.is_archived
)

select
    what,
    currency,
    sum(bills)::decimal(38, 4) as bills,
    sum(ours)::decimal(38, 4) as ours
from (
    from says
    union all by name
    from adds_up
)
group by what, currency
order by what, currency
