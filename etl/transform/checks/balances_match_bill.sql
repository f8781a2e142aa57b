-- A row an invoice whose open amount by our events is not what BILL says is outstanding:
-- due plus scheduled, as scheduled money has left the due amount but has not arrived.
with ours as (
    select invoice_id, arg_max(open_after, event_id) as open_amount
    from ledger
    where invoice_id is not null
    group by invoice_id
)

select
    invoice.invoice_number as subject,
    'we compute ' || ours.open_amount || ' ' || invoice.currency || ', BILL has '
    || (invoice.bill_due_amount + invoice.bill_scheduled_amount) as finding,
    'invoice/' || invoice.invoice_id as record
from stg_invoices as invoice
inner join ours using (invoice_id)
where
    not invoice.is_archived
    and invoice.bill_due_amount is not null
    and ours.open_amount <> invoice.bill_due_amount + invoice.bill_scheduled_amount
order by subject
