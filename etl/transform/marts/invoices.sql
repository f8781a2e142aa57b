-- One row an invoice, as BILL has it now, with its payment terms: its own, else its customer's.
-- days_later: than the terms say; null without terms, or where the due date is only assumed.
create table snapshot.invoices as
select
    invoice.* exclude (exponent),
    coalesce(customer.name, invoice.customer_id, '') as customer,
    coalesce(customer.email, '') as customer_email,
    coalesce(term.name, '') as payment_term,
    case
        when term.name is null then ''
        when invoice.payment_term_id is null then 'customer'
        else 'invoice'
    end as term_of,
    invoice.invoice_on + term.days_due as due_by_terms_on,
    case
        when not invoice.is_due_assumed
            then date_diff('day', invoice.invoice_on + term.days_due, invoice.due_on)
    end as days_later
from stg_invoices as invoice
left join stg_customers as customer using (customer_id)
left join stg_payment_terms as term
    on term.payment_term_id = coalesce(invoice.payment_term_id, customer.payment_term_id)
order by invoice.customer_id, invoice.invoice_on
