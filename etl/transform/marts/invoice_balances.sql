-- One row an invoice and stretch of days over which its open amount stayed the same:
-- open from the end of from_on until the end of the day before to_on. Stretches of zero are left out.
create table snapshot.invoice_balances as
with day_ends as (
    select
        tenant,
        invoice_id,
        effective_on,
        open_after
    from ledger
    where invoice_id is not null
    qualify row_number() over (partition by invoice_id, effective_on order by event_id desc) = 1
),

stretches as (
    select
        tenant,
        invoice_id,
        effective_on as from_on,
        coalesce(
            lead(effective_on) over (partition by invoice_id order by effective_on),
            date '9999-12-31'
        ) as to_on,
        open_after as open_amount
    from day_ends
)

select
    stretch.tenant,
    stretch.invoice_id,
    invoice.customer_id,
    invoice.currency,
    invoice.due_on,
    stretch.from_on,
    stretch.to_on,
    stretch.open_amount
from stretches as stretch
inner join stg_invoices as invoice using (invoice_id)
where stretch.open_amount <> 0
order by stretch.from_on
