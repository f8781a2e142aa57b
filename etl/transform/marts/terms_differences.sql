-- One row an invoice whose due date is not what its payment terms say: its own, else its customer's.
create table snapshot.terms_differences as
select
    invoice.tenant,
    invoice.invoice_id,
    invoice.invoice_number,
    invoice.customer_id,
    invoice.currency,
    invoice.invoice_on,
    term.name as payment_term,
    case when invoice.payment_term_id is null then 'customer' else 'invoice' end as term_of,
    invoice.invoice_on + term.days_due as due_by_terms_on,
    invoice.due_on,
    date_diff('day', invoice.invoice_on + term.days_due, invoice.due_on) as days_later,
    invoice.total_amount
from stg_invoices as invoice
left join stg_customers as customer using (customer_id)
inner join stg_payment_terms as term
    on term.payment_term_id = coalesce(invoice.payment_term_id, customer.payment_term_id)
where
    not invoice.is_archived
    and not invoice.is_due_assumed
    and invoice.due_on <> invoice.invoice_on + term.days_due
order by invoice.invoice_on, invoice.invoice_id
