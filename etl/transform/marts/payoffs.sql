-- One row an invoice and stretch of days over which payments had settled it: from the end of
-- paid_on until the end of the day before to_on, paid so many days after it was due.
create table snapshot.payoffs as
with events as (
    select
        invoice_id,
        event_id,
        effective_on,
        open_after,
        last_value(
            case
                when event = 'payment_applied' then true
                when event in ('credit_applied', 'invoice_archived', 'invoice_adjusted') then false
            end ignore nulls
        ) over (
            partition by invoice_id order by event_id
            rows between unbounded preceding and current row
        ) as is_closed_by_payment
    from ledger
    where invoice_id is not null
),

day_ends as (
    select
        invoice_id,
        effective_on,
        open_after <= 0 and coalesce(is_closed_by_payment, false) as is_paid
    from events
    qualify row_number() over (partition by invoice_id, effective_on order by event_id desc) = 1
),

changes as (
    select * from day_ends
    qualify
        is_paid is distinct from lag(is_paid) over (partition by invoice_id order by effective_on)
),

stretches as (
    select
        invoice_id,
        is_paid,
        effective_on as paid_on,
        lead(effective_on, 1, date '9999-12-31') over (
            partition by invoice_id order by effective_on
        ) as to_on
    from changes
)

select
    invoice.tenant,
    stretch.invoice_id,
    invoice.customer_id,
    stretch.paid_on,
    stretch.to_on,
    stretch.paid_on - invoice.due_on as days_late
from stretches as stretch
inner join stg_invoices as invoice using (invoice_id)
where stretch.is_paid
order by invoice.customer_id, days_late
