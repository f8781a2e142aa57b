-- A row an invoice whose total is not the sum of its lines and its tax.
with lines as (
    select document_id as invoice_id, sum(amount) as amount
    from stg_lines
    group by document_id
)

select
    invoice.invoice_number as subject,
    'lines of ' || lines.amount || ' and tax of ' || invoice.tax_amount || ' do not add up to its total of '
    || invoice.total_amount as finding,
    'invoice/' || invoice.invoice_id as record
from stg_invoices as invoice
inner join lines using (invoice_id)
where lines.amount + invoice.tax_amount <> invoice.total_amount
order by subject
