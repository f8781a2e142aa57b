-- A row an invoice whose due amount is not its total less credits, scheduled and cleared payments.
-- What cleared is what the invoice says itself; where it lists no payments, what was applied to it.
with applied as (
    select invoice_id, sum(cash) as amount
    from ledger
    where invoice_id is not null
    group by invoice_id
),

sides as (
    select
        invoice.*,
        coalesce(invoice.bill_paid_amount, applied.amount, 0) as paid_amount
    from stg_invoices as invoice
    left join applied using (invoice_id)
    where not invoice.is_archived and invoice.bill_due_amount is not null
)

select
    invoice_number as subject,
    'due is ' || bill_due_amount || ', but ' || total_amount || ' less credits of '
    || bill_credit_amount || ', scheduled ' || bill_scheduled_amount || ' and paid ' || paid_amount
    || ' is ' || (total_amount - bill_credit_amount - bill_scheduled_amount - paid_amount) as finding,
    'invoice/' || invoice_id as record
from sides
where bill_due_amount <> total_amount - bill_credit_amount - bill_scheduled_amount - paid_amount
order by subject
