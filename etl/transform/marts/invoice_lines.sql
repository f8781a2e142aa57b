-- One row a line of an invoice as it is now, in the invoice's order. quantity and price are null where
-- BILL says an amount or a rate of the lines above it.
create table snapshot.invoice_lines as
select
    line.tenant,
    line.document_id as invoice_id,
    line.place,
    line.description,
    coalesce(item.name, line.item_id, '') as item,
    line.quantity,
    line.price,
    line.rate,
    line.is_taxable,
    line.amount
from stg_lines as line
semi join stg_invoices as invoice on invoice.invoice_id = line.document_id
left join stg_dimensions as item on item.kind = 'item' and item.dimension_id = line.item_id
order by line.document_id, line.place
