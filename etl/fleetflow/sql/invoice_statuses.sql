-- One row an invoice behind $after, by id, as it stands at the end of the day as_of: paid_on while
-- payments settle it, and the newest online payment for it that failed.
with page as materialized (
    select *
    from invoices
    where invoice_id > $after
    order by invoice_id
    limit $limit::bigint
),

balances as (
    select invoice_id, open_amount
    from invoice_balances
    semi join page using (invoice_id)
    where from_on <= $as_of::date and to_on > $as_of::date
),

settled as (
    select invoice_id, max(paid_on) as paid_on
    from payoffs
    semi join page using (invoice_id)
    where paid_on <= $as_of::date and to_on > $as_of::date
    group by invoice_id
),

failures as (
    select
        part.invoice_id,
        attempt.payment_id,
        attempt.failed_on
    from attempt_invoices as part
    semi join page using (invoice_id)
    inner join attempts_on($as_of::date) as attempt using (payment_id)
    where attempt.outcome = 'failed' and attempt.failed_on <= $as_of::date
    qualify row_number() over (
        partition by part.invoice_id order by attempt.failed_on desc, attempt.payment_id desc
    ) = 1
)

select
    page.invoice_id,
    page.invoice_number,
    page.customer_id,
    page.currency,
    page.total_amount,
    coalesce(balance.open_amount, 0)::decimal(19, 4) as open_amount,
    page.due_on,
    case
        when page.is_archived then 'archived'
        when page.invoice_on > $as_of::date then 'upcoming'
        when coalesce(balance.open_amount, 0) <= 0 then 'paid'
        when page.due_on < $as_of::date then 'overdue'
        else 'open'
    end as status,
    settled.paid_on,
    failure.payment_id as failed_payment,
    failure.failed_on
from page
left join balances as balance using (invoice_id)
left join settled using (invoice_id)
left join failures as failure using (invoice_id)
order by page.invoice_id
